(function () {
  "use strict";
  var root = document.documentElement;
  var all = function (query, within) { return Array.prototype.slice.call((within || document).querySelectorAll(query)); };

  // Light and dark: the system's choice until the button is used.
  var button = document.getElementById("theme");
  var media = window.matchMedia("(prefers-color-scheme: dark)");
  function isDark() { return root.dataset.theme ? root.dataset.theme === "dark" : media.matches; }
  function showTheme() { button.querySelector(".word").textContent = isDark() ? "Light" : "Dark"; }
  button.hidden = false;
  button.addEventListener("click", function () {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("srbench-theme", root.dataset.theme); } catch (e) { /* private window */ }
    showTheme();
  });
  if (media.addEventListener) { media.addEventListener("change", showTheme); }
  showTheme();

  // Sorting: first click best first, second click the other way round, third click as it was. Empty cells stay last.
  function sortable(table) {
    all("tbody", table).forEach(function (body) { body.original = all(":scope > tr", body); });
    all("th[data-col]", table).forEach(function (head) {
      head.querySelector("button").addEventListener("click", function () {
        var first = head.dataset.first || "ascending";
        var other = first === "ascending" ? "descending" : "ascending";
        var now = head.getAttribute("aria-sort");
        var next = now === first ? other : now === other ? "none" : first;
        all("th[aria-sort]", table).forEach(function (th) { th.setAttribute("aria-sort", "none"); });
        head.setAttribute("aria-sort", next);
        sort(table, Number(head.dataset.col), next);
      });
    });
  }
  all("table.sortable").forEach(sortable);
  function value(row, column) {
    var cell = row.children[column];
    var shown = cell && cell.querySelector("[data-v]:not([hidden])");
    var text = cell && ("v" in cell.dataset ? cell.dataset.v : shown ? shown.dataset.v : "");
    if (!text) { return null; }
    if (text === "inf") { return Infinity; }
    var number = Number(text);
    return isNaN(number) ? text.toLowerCase() : number;
  }
  function sort(table, column, order) {
    all("tbody", table).forEach(function (body) {
      var rows = body.original.slice();
      if (order !== "none") {
        var sign = order === "ascending" ? 1 : -1;
        var values = new Map(rows.map(function (row) { return [row, value(row, column)]; }));
        rows.sort(function (a, b) {
          var x = values.get(a), y = values.get(b);
          if (x === null || y === null) { return (x === null) - (y === null); }
          return x < y ? -sign : x > y ? sign : 0;
        });
      }
      settle(body, rows);
    });
  }
  // Of a long table the first rows stand at once; the others follow frame by frame, so that a click is answered soon.
  var AT_ONCE = 40;
  function settle(body, rows) {
    var late = rows.slice(AT_ONCE);
    late.forEach(function (row) { row.classList.add("late"); });
    body.append.apply(body, rows);
    cancelAnimationFrame(body.waiting);
    function more() {
      late.splice(0, AT_ONCE).forEach(function (row) { row.classList.remove("late"); });
      if (late.length) { body.waiting = requestAnimationFrame(more); }
    }
    if (late.length) { body.waiting = requestAnimationFrame(more); }
  }

  // A row and its points belong together: hovering or focusing one marks the others.
  var hovered = "", focused = "", marked = "";
  function keyOf(event) {
    var source = event.target.closest ? event.target.closest("[data-key]") : null;
    return source ? source.dataset.key : "";
  }
  function mark() {
    var key = hovered || focused;
    if (key === marked) { return; }
    marked = key;
    all(".hl").forEach(function (element) { element.classList.remove("hl"); });
    if (!key) { return; }
    all('[data-key="' + key + '"], [data-with~="' + key + '"]').forEach(function (element) { element.classList.add("hl"); });
  }
  document.addEventListener("mouseover", function (event) { hovered = keyOf(event); mark(); });
  document.documentElement.addEventListener("mouseleave", function () { hovered = ""; mark(); });
  document.addEventListener("focusin", function (event) { focused = keyOf(event); mark(); });
  document.addEventListener("focusout", function () { focused = ""; mark(); });

  // Marks as the authors print them, or as the digits earn them.
  all("input[data-layer]").forEach(function (input) {
    function show() { input.closest(".viewed").classList.toggle("by-digits", input.checked); }
    input.addEventListener("change", show);
    show();
  });

  // A plot wider than its place can be moved by the keyboard.
  all(".fig").forEach(function (place) {
    if (place.scrollWidth > place.clientWidth) {
      place.tabIndex = 0;
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", "Plot, wider than the window");
    }
  });

  // The whole number of a cell, its unit and what must be known of it, for who points at it.
  document.addEventListener("mouseover", function (event) {
    var cell = event.target.closest && event.target.closest("td[data-v]");
    if (!cell || cell.title || !cell.dataset.v || isNaN(Number(cell.dataset.v)) || cell.closest(".viewed")) { return; }
    var head = cell.closest("table").querySelector('th[data-col="' + cell.cellIndex + '"]'), number = Number(cell.dataset.v);
    var unit = head && head.dataset.unit && !head.dataset.per ? " " + head.dataset.unit : "";
    cell.title = (Math.abs(number) >= 1000 ? number.toLocaleString("en-US") : cell.dataset.v) + unit + (cell.dataset.note ? "; " + cell.dataset.note : "");
  });

  // A table in a closed place is made when it is asked for, out of its texts.
  all("details.later").forEach(function (place) {
    place.addEventListener("toggle", function () {
      var held = place.querySelector("script[data-table]");
      if (!place.open || !held) { return; }
      var data = JSON.parse(held.textContent), table = document.createElement("table");
      function cell(tag, text, index) {
        var made = document.createElement(tag);
        if (tag === "th") { made.scope = "col"; }
        if (index < data.left) { made.className = index ? "l" : "first"; }
        made.append(text);
        return made;
      }
      table.className = "sortable dense";
      table.createTHead().insertRow().append.apply(table.tHead.rows[0], data.head.map(function (text, index) {
        var button = document.createElement("button"), head = cell("th", button, index);
        button.type = "button";
        button.textContent = text;
        head.dataset.col = index;
        if (index >= data.left) { head.dataset.first = "descending"; }
        head.setAttribute("aria-sort", "none");
        return head;
      }));
      var body = table.createTBody();
      data.rows.forEach(function (texts) {
        body.insertRow().append.apply(body.lastChild, texts.map(function (text, index) {
          var made = cell(index ? "td" : "th", text, index), number = parseFloat(text.replace("−", "-"));
          if (!index) { made.scope = "row"; made.className = ""; }
          made.dataset.v = index < data.left || isNaN(number) ? text : number;
          return made;
        }));
      });
      held.parentNode.append(table);
      held.remove();
      sortable(table);
    });
  });

  // A link into a closed <details> opens it.
  function open() {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) { return; }
    for (var up = target; up; up = up.parentElement) { if (up.tagName === "DETAILS") { up.open = true; } }
    target.scrollIntoView({ block: "center" });
  }
  window.addEventListener("hashchange", open);
  open();
  window.addEventListener("beforeprint", function () { all("details[data-print]").forEach(function (d) { d.open = true; }); });
}());
