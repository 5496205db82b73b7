(function () {
  "use strict";
  // A chart of a table's rows over any two of its columns: budget, front, printed points, names of the chosen rows.
  if (!window.srbench) { return; }
  var all = window.srbench.all, make = window.srbench.make, address = window.srbench.address;
  var W = 640, H = 400, LEFT = 62, RIGHT, TOP = 14, BOTTOM, R = 5.5, FONT = 13, LABELLED = 15;
  var WORDS = { released: "released weights", bundled: "bundled weights, trained by srbench", user: "your weights", "not-needed": "no weights needed", published: "as printed in a paper" };
  var KINDS = { released: "released", bundled: "bundled", user: "user", "not needed": "not-needed" };
  function svg(tag, values, children) {
    var made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.keys(values || {}).forEach(function (name) { made.setAttribute(name, values[name]); });
    (children || []).forEach(function (child) { made.append(child); });
    return made;
  }
  function count(value) {
    var found = [[1e9, "G"], [1e6, "M"], [1e3, "K"]].filter(function (unit) { return Math.abs(value) >= unit[0]; })[0];
    return found ? Number((value / found[0]).toPrecision(6)) + found[1] : String(Number(value.toPrecision(6)));
  }
  function lowered(title) { return /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title; }
  function amount(text) {
    var found = /^\s*([\d.,]+)\s*([KMG]?)\s*$/i.exec(text);
    var number = found ? Number(found[1].replace(/,/g, "")) * ({ k: 1e3, m: 1e6, g: 1e9 }[found[2].toLowerCase()] || 1) : NaN;
    return number > 0 ? number : NaN;
  }

  // Axes: columns of the table itself, and of the table of costs, whose rows are networks.
  function axisOf(th, costs) {
    var data = th.dataset, linear = "linear" in data;
    return { id: (costs ? "c" : "") + data.col, title: data.axis, unit: data.unit || "", q: data.q || "", per: Number(data.per || 1), log: !linear,
      better: data.better || "lower", column: Number(data.col), costs: costs,
      text: function (value) { return linear ? String(Number(value.toPrecision(7))) : count(value); } };
  }
  function ticks(low, high, log) {
    var found = [], step, power, first;
    if (log) {
      [[1, 10], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9]].some(function (steps) {
        found = [];
        for (power = Math.floor(Math.log10(low)) - 1; power <= Math.log10(high); power += 1) {
          steps.forEach(function (part) { var tick = Number((part * Math.pow(10, power)).toPrecision(12)); if (tick >= low && tick <= high && found.indexOf(tick) < 0) { found.push(tick); } });
        }
        return found.length >= 3;
      });
      if (found.length >= 2) { return found; }
    }
    power = Math.pow(10, Math.floor(Math.log10((high - low) / 6)));
    step = [1, 2, 5, 10].map(function (part) { return part * power; }).filter(function (size) { return (high - low) / size <= 8; })[0];
    found = [];
    for (first = Math.ceil(low / step - 1e-9); first * step <= high * (1 + 1e-12) + 1e-12; first += 1) { found.push(Number((first * step).toPrecision(12))); }
    return found;
  }
  function scaleOf(values, log, from, to, pad) {
    var turn = log ? Math.log10 : Number, back = log ? function (v) { return Math.pow(10, v); } : Number;
    var low = turn(Math.min.apply(null, values)), high = turn(Math.max.apply(null, values)), room = (high - low) * pad || (log ? 0.2 : Math.abs(high) * 0.01 || 0.1);
    low -= room; high += room;
    return { at: function (value) { return from + (turn(value) - low) / (high - low) * (to - from); }, ticks: ticks(back(low), back(high), log) };
  }
  function frontOf(points, x, y) {
    var sx = x.better === "higher" ? -1 : 1, sy = y.better === "lower" ? -1 : 1, best = [];
    points.slice().sort(function (a, b) { return sx * (a.x - b.x) || sy * (b.y - a.y); }).forEach(function (point) {
      if (!best.length || sy * point.y > sy * best[best.length - 1].y) { best.push(point); }
    });
    return best;
  }
  function mark(kind, x, y) {
    var r = R;
    if (kind === "bundled") { return svg("path", { "class": "m", d: "M" + x + " " + (y - r - 1) + "l" + (r + 1) + " " + (r + 1) + "l-" + (r + 1) + " " + (r + 1) + "l-" + (r + 1) + " -" + (r + 1) + "z" }); }
    if (kind === "not-needed") { return svg("path", { "class": "m", d: "M" + (x - r + 1) + " " + (y - r + 1) + "h" + (2 * r - 2) + "v" + (2 * r - 2) + "h-" + (2 * r - 2) + "z" }); }
    if (kind === "user") { return svg("path", { "class": "m", d: "M" + x + " " + (y - r) + "l" + r + " " + (2 * r - 1) + "h-" + 2 * r + "z" }); }
    return svg("circle", { "class": kind === "published" ? "m hollow" : "m", cx: x, cy: y, r: kind === "published" ? r - 1 : r });
  }

  function printedOf(script) {
    var held = script ? JSON.parse(script.textContent) : { names: [], rows: [] };
    return held.rows.map(function (row) {
      var values = {};
      held.names.forEach(function (name, index) { values[name] = row[index + 3]; });
      return { label: row[0], where: row[1], scale: row[2], values: values };
    });
  }

  // Names: each at the first free of a ring of places around its point, the chosen rows first; no room, no name.
  var pen = document.createElement("canvas").getContext("2d");
  function place(points) {
    pen.font = FONT + "px " + getComputedStyle(document.body).fontFamily;
    var taken = points.map(function (point) { return [point.px - R - 1, point.py - R - 1, point.px + R + 1, point.py + R + 1]; });
    function hits(a, skip) { return taken.some(function (b, index) { return index !== skip && a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]; }); }
    points.map(function (point, index) { return [point, index]; }).filter(function (pair) { return pair[0].named; })
      .sort(function (a, b) { return Number(b[0].chosen) - Number(a[0].chosen); }).forEach(function (pair) {
        var point = pair[0], wide = pen.measureText(point.label).width * 1.04, d = R + 3;
        [8, 20].some(function (rise) {
          return [["start", d, 4], ["end", -d, 4], ["middle", 0, -rise - 1], ["middle", 0, rise + 10], ["start", d - 2, -rise], ["end", 2 - d, -rise], ["start", d - 2, rise + 8], ["end", 2 - d, rise + 8]].some(function (spot) {
            var x = point.px + spot[1], y = point.py + spot[2], left = spot[0] === "start" ? x : spot[0] === "end" ? x - wide : x - wide / 2;
            var box = [left, y - FONT * 0.85, left + wide, y + FONT * 0.25];
            if (box[0] < LEFT + 2 || box[2] > W - 2 || box[1] < 2 || box[3] > BOTTOM - 2 || hits(box, pair[1])) { return false; }
            taken.push(box);
            if (rise > 8) { point.leader = svg("path", { "class": "leader", d: "M" + point.px + " " + point.py + "L" + Math.max(box[0], Math.min(point.px, box[2])) + " " + (spot[2] < 0 ? box[3] : box[1]) }); }
            point.text = svg("text", { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": spot[0] }, [point.label]);
            return true;
          });
        });
      });
  }

  all("[data-chart]").forEach(function (section) {
    var fig = section.querySelector(".fig"), bar = section.querySelector(".bar"), legend = section.querySelector(".legend"), answer = section.querySelector(".answer");
    var printed = printedOf(section.querySelector("script[data-printed]"));
    var tables = all("table[data-tools][data-scale]").filter(function (table) { return table.querySelector("th[data-linear]"); });
    var costs = document.querySelector("table[data-costs]"), off = new Set((address.get("chart.off") || "published").split(","));
    var first = tables.filter(function (table) { return table.dataset.tools === fig.dataset.table; })[0];
    if (!first) { return; }
    function labelled(text, control) { bar.append(make("label", {}, [text + " ", control])); return control; }
    var source = make("select", { ariaLabel: "Results" }, tables.map(function (table) { return make("option", { value: table.dataset.tools, textContent: table.dataset.title }); }));
    source.value = address.get("chart.of") || first.dataset.tools;
    if (source.selectedIndex < 0) { source.value = first.dataset.tools; }
    if (tables.length > 1) { labelled("Results", source); }
    var up = labelled("Up", make("select", { id: "chart-y", ariaLabel: "Up" })), across = labelled("Across", make("select", { id: "chart-x", ariaLabel: "Across" }));
    var log = make("input", { type: "checkbox", id: "chart-log" });
    bar.append(make("label", { className: "layer" }, [log, " logarithmic"]));
    var budget = labelled("At most", make("input", { type: "text", id: "chart-max", size: 7, placeholder: "500K", value: address.get("chart.max") }));
    bar.hidden = false;

    var table, axes;
    function take(wantedX, wantedY) {
      table = tables.filter(function (one) { return one.dataset.tools === source.value; })[0];
      axes = all("th[data-axis]", table).map(function (th) { return axisOf(th, false); })
        .concat(costs ? all("th[data-axis]", costs).map(function (th) { return axisOf(th, true); }) : []);
      [[up, wantedY], [across, wantedX]].forEach(function (pair) {
        var before = pair[1] || pair[0].value, same = axes.filter(function (axis) { return axis.id === before; })[0];
        pair[0].replaceChildren.apply(pair[0], axes.map(function (axis) { return make("option", { value: axis.id, textContent: axis.title }); }));
        if (same) { pair[0].value = before; }
      });
    }
    function chosen(select) { return axes.filter(function (axis) { return axis.id === select.value; })[0]; }
    function valueOf(row, axis) {
      if (axis.costs) {
        row = all('tr[data-net="' + row.dataset.net + '"][data-scale="' + table.dataset.scale + '"]', costs)[0];
        if (!row) { return NaN; }
      }
      var text = row.children[axis.column].dataset.v;
      return text && text !== "inf" ? Number(text) / axis.per : NaN;
    }
    function said(axis, value) { return axis.title + " " + axis.text(value) + (axis.unit ? " " + axis.unit : ""); }
    function pointsOf(x, y) {
      var found = all("tbody tr[data-key]", table).filter(function (row) { return !row.hidden; }).map(function (row) {
        var name = row.children[0].textContent.trim(), weights = row.children[1].textContent.trim();
        return { key: row.dataset.key, target: "#" + row.id, label: name, kind: KINDS[row.dataset.origin] || "released", chosen: Boolean(row.box && row.box.checked),
          x: valueOf(row, x), y: valueOf(row, y), tip: name + ", " + weights };
      });
      if ("likePapers" in table.dataset && x.q && y.q) {
        printed.forEach(function (row) {
          if (String(row.scale) === table.dataset.scale && row.values[x.q] && row.values[y.q]) {
            found.push({ key: row.label.toLowerCase().replace(/[^a-z0-9]+/g, "-"), target: "#charts", label: row.label, kind: "published", chosen: false, x: row.values[x.q], y: row.values[y.q], tip: row.label + ", printed in " + row.where });
          }
        });
      }
      return found.filter(function (point) { return isFinite(point.x) && isFinite(point.y) && (!log.checked || point.x > 0); });
    }

    function draw() {
      W = Math.max(280, Math.min(640, fig.clientWidth || 640));
      H = Math.max(300, Math.min(400, W));
      RIGHT = W - 14;
      BOTTOM = H - 52;
      var x = chosen(across), y = chosen(up), points = pointsOf(x, y), most = amount(budget.value);
      var kinds = Object.keys(WORDS).filter(function (kind) { return points.some(function (point) { return point.kind === kind; }); });
      showLegend(kinds);
      var shown = points.filter(function (point) { return !off.has(point.kind); });
      var title = y.title.split(",")[0] + " against " + lowered(x.title.split(" (")[0]), where = table.dataset.title;
      section.querySelector(".what").textContent = title;
      section.querySelector(".where").textContent = where + (y.title.indexOf(",") > 0 ? "," + y.title.split(",").slice(1).join(",") : "") + (x.title.indexOf(" (") > 0 ? "; " + x.title : "");
      var plot = svg("svg", { "class": "scatter", viewBox: "0 0 " + W + " " + H, role: "group", "aria-label": title + ", " + where, "font-size": FONT, style: "min-width: 0; max-width: 880px" });
      if (!shown.length) {
        plot.append(svg("text", { "class": "name", x: W / 2, y: H / 2, "text-anchor": "middle" }, ["No row has both."]));
      } else { fill(plot, shown, x, y, most); }
      fig.replaceChildren(plot);
      tell(shown, x, y, most);
    }
    function fill(plot, shown, x, y, most) {
      var xs = shown.map(function (point) { return point.x; });
      var sx = scaleOf(isNaN(most) ? xs : xs.concat(most), log.checked, LEFT, RIGHT, 0.09), sy = scaleOf(shown.map(function (point) { return point.y; }), false, BOTTOM, TOP, 0.1);
      sy.ticks.forEach(function (tick) {
        var at = sy.at(tick).toFixed(1), digits = Math.max.apply(null, sy.ticks.map(function (one) { return (String(one).split(".")[1] || "").length; }));
        plot.append(svg("path", { "class": "grid", d: "M" + LEFT + " " + at + "H" + RIGHT }),
          svg("text", { "class": "tick", x: LEFT - 7, y: Number(at) + 4, "text-anchor": "end" }, [y.log ? count(tick) : tick.toFixed(digits)]));
      });
      var last = -Infinity;
      sx.ticks.forEach(function (tick) {
        var at = sx.at(tick).toFixed(1);
        if (Number(at) - last < 34) { return; }
        last = Number(at);
        plot.append(svg("path", { "class": "grid", d: "M" + at + " " + TOP + "V" + BOTTOM }),
          svg("text", { "class": "tick", x: at, y: BOTTOM + 18, "text-anchor": "middle" }, [x.text(tick)]));
      });
      plot.append(svg("path", { "class": "axis", d: "M" + LEFT + " " + TOP + "V" + BOTTOM + "H" + RIGHT }),
        svg("text", { "class": "name", x: (LEFT + RIGHT) / 2, y: H - 10, "text-anchor": "middle" }, [(W < 500 ? x.title.split(" (")[0] : x.title) + (x.unit ? " (" + x.unit + ")" : "")]),
        svg("text", { "class": "name", transform: "translate(15 " + (TOP + BOTTOM) / 2 + ") rotate(-90)", "text-anchor": "middle" }, [y.title + (y.unit ? " (" + y.unit + ")" : "")]));
      shown.forEach(function (point) { point.px = Number(sx.at(point.x).toFixed(1)); point.py = Number(sy.at(point.y).toFixed(1)); });
      var best = frontOf(shown.filter(function (point) { return point.kind !== "published"; }), x, y);
      if (best.length > 1) {
        plot.append(svg("path", { "class": "front", d: best.map(function (point, index) { return index ? "L" + point.px + " " + best[index - 1].py + "L" + point.px + " " + point.py : "M" + point.px + " " + point.py; }).join("") }));
      }
      if (!isNaN(most)) { plot.append(svg("path", { "class": "budget", d: "M" + sx.at(most).toFixed(1) + " " + TOP + "V" + BOTTOM })); }
      var few = shown.length <= LABELLED;
      shown.forEach(function (point) { point.named = few || point.chosen || (point.kind !== "published" && best.indexOf(point) >= 0); });
      place(shown);
      shown.forEach(function (point) {
        var link = svg("a", { "class": "pt " + point.kind + (point.x > most ? " over" : ""), href: point.target, "data-key": point.key, "data-kind": point.kind,
          "aria-label": point.tip + ": " + said(y, point.y) + ", " + said(x, point.x) }, [mark(point.kind, point.px, point.py)]);
        if (point.leader) { link.prepend(point.leader); }
        if (point.text) { link.append(point.text); }
        plot.append(link);
      });
    }
    function tell(shown, x, y, most) {
      answer.hidden = isNaN(most);
      if (answer.hidden) { return; }
      var sign = y.better === "lower" ? -1 : 1;
      var within = shown.filter(function (point) { return point.x <= most && point.kind !== "published"; }).sort(function (a, b) { return sign * (b.y - a.y) || a.x - b.x; });
      answer.textContent = within.length ? "Best with at most " + x.text(most) + (x.unit ? " " + x.unit : "") + ": " + within[0].label + ", " + said(y, within[0].y) + ", " + said(x, within[0].x) + "."
        : "Nothing shown keeps within " + x.text(most) + (x.unit ? " " + x.unit : "") + ".";
    }
    function showLegend(kinds) {
      if (legend.dataset.kinds === kinds.join()) { return; }
      legend.dataset.kinds = kinds.join();
      legend.replaceChildren.apply(legend, kinds.map(function (kind) {
        var button = make("button", { type: "button" }, [svg("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" }, [mark(kind, 7, 7)]), make("span", { className: "dim", textContent: WORDS[kind] })]);
        button.setAttribute("aria-pressed", off.has(kind) ? "false" : "true");
        button.addEventListener("click", function () {
          if (off.has(kind)) { off.delete(kind); } else { off.add(kind); }
          button.setAttribute("aria-pressed", off.has(kind) ? "false" : "true");
          remember();
          draw();
        });
        return make("li", { className: "pt " + kind }, [button]);
      }));
    }
    function remember() {
      address.set("chart.of", source.value === first.dataset.tools ? "" : source.value);
      address.set("chart.x", across.value === "2" ? "" : across.value);
      address.set("chart.y", up.value === fig.dataset.column ? "" : up.value);
      address.set("chart.log", log.checked === chosen(across).log ? "" : log.checked ? "1" : "0");
      address.set("chart.max", isNaN(amount(budget.value)) ? "" : budget.value.trim());
      var hidden = Array.from(off).sort().join(",");
      address.set("chart.off", hidden === "published" ? "" : hidden || "none");
    }
    function changed() { remember(); draw(); }
    take(address.get("chart.x") || "2", address.get("chart.y") || fig.dataset.column);
    log.checked = address.get("chart.log") ? address.get("chart.log") === "1" : chosen(across).log;
    source.addEventListener("change", function () { take(); changed(); });
    up.addEventListener("change", changed);
    across.addEventListener("change", function () { log.checked = chosen(across).log; changed(); });
    log.addEventListener("change", changed);
    budget.addEventListener("input", changed);
    document.addEventListener("srbench:rows", function (event) { if (event.target === table) { draw(); } });
    document.addEventListener("srbench:tab", function (event) {
      var shown = event.target.querySelector("table[data-tools]");
      if (shown && tables.indexOf(shown) >= 0) { source.value = shown.dataset.tools; take(); changed(); }
    });
    var width = 0;
    new ResizeObserver(function () {
      if (fig.clientWidth !== width) { width = fig.clientWidth; draw(); }
    }).observe(fig);
  });
}());
