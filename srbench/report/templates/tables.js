(function () {
  "use strict";
  // Every table with data-tools gets a bar: search, filters, columns, rows to compare, copy. All of it in the URL's query.
  var all = function (query, within) { return Array.prototype.slice.call((within || document).querySelectorAll(query)); };
  function make(tag, values, children) {
    var element = document.createElement(tag);
    Object.keys(values || {}).forEach(function (name) {
      if (name in element && name !== "list") { element[name] = values[name]; } else { element.setAttribute(name, values[name]); }
    });
    (children || []).forEach(function (child) { element.append(child); });
    return element;
  }
  var address = {
    get: function (name) { return new URLSearchParams(location.search).get(name) || ""; },
    set: function (name, value) {
      var query = new URLSearchParams(location.search);
      if (value) { query.set(name, value); } else { query.delete(name); }
      var text = query.toString();
      try { history.replaceState(null, "", location.pathname + (text ? "?" + text : "") + location.hash); } catch (e) { /* a viewer without history */ }
    }
  };

  window.srbench = { all: all, make: make, address: address };

  // Columns as they are read: the heading of the group and that of the column.
  function headings(table) {
    var rows = all("thead tr", table), grid = [];
    rows.forEach(function (row, y) {
      grid[y] = grid[y] || [];
      var x = 0;
      all(":scope > th", row).forEach(function (th) {
        while (grid[y][x]) { x += 1; }
        for (var dy = 0; dy < th.rowSpan; dy += 1) {
          grid[y + dy] = grid[y + dy] || [];
          for (var dx = 0; dx < th.colSpan; dx += 1) { grid[y + dy][x + dx] = th; }
        }
      });
    });
    return grid[0].map(function (_, x) {
      var cells = grid.map(function (row) { return row[x]; }).filter(function (th, y, found) { return th && found.indexOf(th) === y; });
      return { cells: cells, text: cells.map(plain).filter(Boolean).join(" ") };
    });
  }
  function plain(element) {
    if (!element.querySelector("[data-pick], .sr")) { return element.textContent.replace(/\s+/g, " ").trim(); }
    var copy = element.cloneNode(true);
    all("[data-pick], .sr", copy).forEach(function (part) { part.remove(); });
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  // A row as printed text, with the mark of each cell.
  function texts(table, columns) {
    return all("tbody tr", table).filter(function (row) { return !row.hidden && row.children.length === columns.length; }).map(function (row) {
      return columns.filter(function (column) { return !column.off; }).map(function (column) {
        var cell = row.children[column.index];
        return { text: plain(cell), best: cell.classList.contains("best"), second: cell.classList.contains("second") };
      });
    });
  }
  var WRITERS = {
    LaTeX: function (heads, rows) {
      var signs = { "\\": "\\textbackslash{}", "×": "$\\times$", "–": "--", "−": "$-$", "≈": "$\\approx$", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };
      function clean(text) { return text.replace(/[\\&%$#_{}~^×–−≈]/g, function (sign) { return signs[sign] || "\\" + sign; }); }
      function cell(found) {
        var text = clean(found.text);
        return found.best ? "\\textbf{" + text + "}" : found.second ? "\\underline{" + text + "}" : text;
      }
      return ["\\begin{tabular}{l" + "r".repeat(heads.length - 1) + "}", "\\toprule", heads.map(clean).join(" & ") + " \\\\", "\\midrule"]
        .concat(rows.map(function (row) { return row.map(cell).join(" & ") + " \\\\"; }), ["\\bottomrule", "\\end{tabular}"]).join("\n") + "\n";
    },
    CSV: function (heads, rows) {
      function cell(text) { return /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text; }
      return [heads].concat(rows.map(function (row) { return row.map(function (found) { return found.text; }); }))
        .map(function (line) { return line.map(cell).join(","); }).join("\n") + "\n";
    },
    Markdown: function (heads, rows) {
      function clean(text) { return text.replace(/\|/g, "\\|"); }
      function cell(found) { return found.best ? "**" + clean(found.text) + "**" : found.second ? "<u>" + clean(found.text) + "</u>" : clean(found.text); }
      return ["| " + heads.map(clean).join(" | ") + " |", "|:--|" + "--:|".repeat(heads.length - 1)]
        .concat(rows.map(function (row) { return "| " + row.map(cell).join(" | ") + " |"; })).join("\n") + "\n";
    }
  };
  function toClipboard(text, done) {
    function byHand() {
      var area = make("textarea", { value: text, className: "sr", ariaLabel: "Text to copy" });
      document.body.append(area);
      area.select();
      var worked = document.execCommand("copy");
      area.remove();
      done(worked);
    }
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(function () { done(true); }, byHand);
    } else { byHand(); }
  }

  all("table[data-tools]").forEach(function (table) {
    var name = table.dataset.tools, rows = all("tbody tr[data-key]", table), columns = headings(table);
    columns.forEach(function (column, index) { column.index = index; });
    rows.forEach(function (row) {
      row.ident = row.dataset.row || row.dataset.key;
    });
    var viewed = table.closest(".viewed"), measuredOnly = viewed && viewed.querySelector("input[data-measured-only]");
    var said = make("output", { className: "small dim", ariaLive: "polite" });
    var bar = make("div", { className: "bar tools noprint" });

    var search = make("input", { type: "search", placeholder: "Search", ariaLabel: "Search the rows", value: address.get(name + ".q") });
    bar.append(search);
    var filters = [["origin", "Weights"], ["state", "State"], ["year", "Year"]].map(function (pair) {
      var values = Array.from(new Set(rows.map(function (row) { return row.dataset[pair[0]] || ""; }))).filter(Boolean).sort();
      if (values.length < 2) { return null; }
      var select = make("select", { ariaLabel: pair[1] }, [make("option", { value: "", textContent: pair[1] + ": all" })].concat(
        values.map(function (value) { return make("option", { value: value, textContent: pair[0] === "year" ? "since " + value : value }); })));
      select.value = address.get(name + "." + pair[0]);
      if (select.selectedIndex < 0) { select.value = ""; }
      bar.append(select);
      return { what: pair[0], select: select };
    }).filter(Boolean);

    var folded = rows.filter(function (row) { return "costsOnly" in row.dataset; });
    var unfold = make("input", { type: "checkbox", checked: address.get(name + ".costs") === "1" });
    if (folded.length && folded.length < rows.length) {
      bar.append(make("label", { className: "layer" }, [unfold, " costs only (" + folded.length + ")"]));
    } else { unfold.checked = true; }

    var chosen = new Set(address.get(name + ".rows").split(",").filter(Boolean));
    var only = make("button", { type: "button", ariaPressed: address.get(name + ".only") === "1" ? "true" : "false" });
    bar.append(only);
    rows.forEach(function (row) {
      var box = make("input", { type: "checkbox", checked: chosen.has(row.ident), ariaLabel: "Select " + plain(row.children[0]) });
      box.dataset.pick = "";
      row.children[0].prepend(box);
      row.box = box;
      box.addEventListener("change", function () {
        if (box.checked) { chosen.add(row.ident); } else { chosen.delete(row.ident); }
        show();
      });
    });
    only.addEventListener("click", function () { only.ariaPressed = only.ariaPressed === "true" ? "false" : "true"; show(); });

    var picker = make("details", { className: "picker" }, [make("summary", { textContent: "Columns" })]);
    var hiddenFirst = address.get(name + ".off").split(",").filter(Boolean).map(Number);
    var list = make("div", { className: "panel" });
    columns.slice(1).forEach(function (column) {
      column.off = hiddenFirst.indexOf(column.index) >= 0;
      var box = make("input", { type: "checkbox", checked: !column.off });
      box.addEventListener("change", function () { column.off = !box.checked; showColumns(); });
      list.append(make("label", {}, [box, " " + column.text]));
    });
    picker.append(list);
    bar.append(picker);
    document.addEventListener("click", function (event) { if (!picker.contains(event.target)) { picker.open = false; } });
    picker.addEventListener("keydown", function (event) { if (event.key === "Escape") { picker.open = false; picker.firstChild.focus(); } });

    Object.keys(WRITERS).forEach(function (format) {
      var button = make("button", { type: "button", textContent: format, title: "Copy the table as shown as " + format, ariaLabel: "Copy as " + format });
      button.addEventListener("click", function () {
        var heads = columns.filter(function (column) { return !column.off; }).map(function (column) { return column.text; });
        toClipboard(WRITERS[format](heads, texts(table, columns)), function (worked) {
          said.textContent = worked ? format + " copied" : "the browser does not let pages copy";
        });
      });
      bar.append(button);
    });
    bar.append(said);
    table.closest(".scroll").before(bar);

    function showColumns() {
      var off = columns.filter(function (column) { return column.off; });
      address.set(name + ".off", off.map(function (column) { return column.index; }).join(","));
      var marked = new Set(off.map(function (column) { return column.index; }));
      all("tbody tr", table).forEach(function (row) {
        if (row.children.length !== columns.length) { return; }
        for (var index = 1; index < columns.length; index += 1) { row.children[index].hidden = marked.has(index); }
      });
      all("thead th", table).forEach(function (th) {
        var own = columns.filter(function (column) { return column.cells.indexOf(th) >= 0; });
        var left = own.filter(function (column) { return !column.off; }).length;
        th.hidden = !left;
        if (own.length > 1 && left) { th.colSpan = left; }
      });
    }
    function show() {
      var text = search.value.trim().toLowerCase(), comparing = only.ariaPressed === "true" && chosen.size > 0;
      var count = 0;
      if (text && !rows[0].search) {
        rows.forEach(function (row) { row.search = Array.prototype.map.call(row.children, plain).join(" | ").toLowerCase(); });
      }
      rows.forEach(function (row) {
        var fits = (!measuredOnly || !measuredOnly.checked || "measured" in row.dataset) && (!text || row.search.indexOf(text) >= 0) && (!comparing || chosen.has(row.ident)) &&
          (unfold.checked || comparing || text || !("costsOnly" in row.dataset)) &&
          filters.every(function (filter) {
            var value = row.dataset[filter.what] || "", wanted = filter.select.value;
            return !wanted || (filter.what === "year" ? value >= wanted : value === wanted);
          });
        row.hidden = !fits;
        count += fits ? 1 : 0;
      });
      only.disabled = !chosen.size;
      only.textContent = comparing ? "Show all rows" : "Compare " + (chosen.size || "selected");
      all("tbody.head", table).forEach(function (head) {
        head.hidden = !all("tr", head.nextElementSibling).some(function (row) { return !row.hidden; });
      });
      said.textContent = count === rows.length ? "" : count + " of " + rows.length + " rows";
      table.dispatchEvent(new CustomEvent("srbench:rows", { bubbles: true }));
      address.set(name + ".q", search.value.trim());
      if (measuredOnly) { address.set(name + ".measured", measuredOnly.checked ? "1" : ""); }
      filters.forEach(function (filter) { address.set(name + "." + filter.what, filter.select.value); });
      address.set(name + ".rows", Array.from(chosen).join(","));
      address.set(name + ".only", comparing ? "1" : "");
      if (folded.length && folded.length < rows.length) { address.set(name + ".costs", unfold.checked ? "1" : ""); }
    }
    if (viewed) {  // the views of a paper's table
      if (measuredOnly) {
        measuredOnly.closest("label").hidden = false;
        measuredOnly.checked = address.get(name + ".measured") === "1";
      }
      all(".views input", viewed).forEach(function (input) {
        if (input.value === address.get(name + ".view") && !input.disabled) { input.checked = true; viewed.setView(input.value); }
        input.addEventListener("change", function () { address.set(name + ".view", input.value === "printed" ? "" : input.value); });
      });
    }
    [search, unfold].concat(measuredOnly || [], filters.map(function (filter) { return filter.select; })).forEach(function (control) {
      control.addEventListener("input", show);
    });
    show();
    if (hiddenFirst.length) { showColumns(); }
    table.unfold = function (row) {  // a link to a row that is folded or filtered away shows it
      if (!row.hidden) { return; }
      unfold.checked = true; search.value = ""; only.ariaPressed = "false";
      if (measuredOnly) { measuredOnly.checked = false; }
      filters.forEach(function (filter) { filter.select.value = ""; });
      show();
    };

    // Sorting is kept in the URL too.
    all("th[data-col]", table).forEach(function (head) {
      head.querySelector("button").addEventListener("click", function () {
        var order = head.getAttribute("aria-sort");
        address.set(name + ".sort", order === "none" ? "" : head.dataset.col + (order === "ascending" ? "a" : "d"));
      });
    });
    var sorted = /^(\d+)([ad])$/.exec(address.get(name + ".sort"));
    var head = sorted && table.querySelector('th[data-col="' + sorted[1] + '"]');
    for (var turn = 0; head && turn < 2 && head.getAttribute("aria-sort")[0] !== sorted[2]; turn += 1) { head.querySelector("button").click(); }
  });

  // One panel of many: tabs for scale and protocol.
  all("[data-tabs]").forEach(function (section) {
    var panels = all(":scope > [data-tab]", section);
    if (panels.length < 2) { return; }
    var wanted = address.get("tab"), parts = panels.map(function (panel) { return panel.dataset.tab.split("|"); });
    var now = parts.filter(function (part) { return part.join("|") === wanted; })[0] || parts[0];
    var bar = make("div", { className: "bar tabs noprint" });
    section.prepend(bar);
    function options(level, legend) {
      var fitting = level ? parts.filter(function (part) { return part[0] === now[0]; }) : parts;
      var values = Array.from(new Set(fitting.map(function (part) { return part[level]; })));
      if (level && values.indexOf(now[1]) < 0) { now[1] = values[0]; }
      var field = make("fieldset", { className: "views" }, [make("legend", { className: "sr", textContent: legend })]);
      values.forEach(function (value) {
        var input = make("input", { type: "radio", name: "tab-" + level, value: value, checked: value === now[level] });
        input.addEventListener("change", function () { now[level] = value; show(level, value); });
        field.append(make("label", {}, [input, make("span", { textContent: value })]));
      });
      return field;
    }
    function show(level, value) {
      bar.replaceChildren(options(0, "Scale"), options(1, "Protocol"));
      panels.forEach(function (panel, index) { panel.hidden = parts[index].join("|") !== now.join("|"); });
      if (value) {
        panels.forEach(function (panel) { if (!panel.hidden) { panel.dispatchEvent(new CustomEvent("srbench:tab", { bubbles: true })); } });
        address.set("tab", now.join("|"));
        all("input", bar).filter(function (input) { return input.name === "tab-" + level && input.value === value; })[0].focus();
      }
    }
    now = now.slice();
    section.openTab = function (panel) { now = panel.dataset.tab.split("|"); show(); };
    show();
  });

  // A link to a row of a table that is not shown shows it.
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest('a[href^="#"]');
    var target = link && document.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)));
    reveal(target);
  }, true);
  function reveal(target) {
    if (!target) { return; }
    var panel = target.closest("[data-tab]");
    if (panel && panel.hidden) { panel.closest("[data-tabs]").openTab(panel); }
    var table = target.closest("table");
    if (table && table.unfold && target.tagName === "TR") { table.unfold(target); }
  }
  var linked = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (linked) { reveal(linked); linked.scrollIntoView({ block: "center" }); }
}());
