(function () {
  "use strict";
  // The numbers of a paper's tables: three views of them, and a card beside the one that is asked about.
  var all = function (query, within) { return Array.prototype.slice.call((within || document).querySelectorAll(query)); };
  var held = JSON.parse(document.getElementById("numbers").textContent);
  function factsOf(link) {
    var places = held.numbers[Number(link.dataset.i)], found = {};
    held.fields.forEach(function (field, index) { found[field] = held.texts[places[index] || 0]; });
    return found;
  }
  function element(tag, values, children) {
    var made = Object.assign(document.createElement(tag), values || {});
    (children || []).forEach(function (child) { made.append(child); });
    return made;
  }

  // A cell's views are made when they are first looked at; the printed one is what stands in the page.
  function numberOf(text) {
    var found = /^([-+]?[\d.]+)\s*([KMG]?)$/.exec(text.replace(/,/g, "").replace("−", "-"));
    return found ? String(Number(found[1]) * ({ K: 1e3, M: 1e6, G: 1e9 }[found[2]] || 1)) : "";
  }
  function show(cell, view) {
    if (!cell.views) { cell.views = { printed: { nodes: Array.prototype.slice.call(cell.childNodes), value: cell.dataset.v } }; }
    if (!cell.views[view]) { cell.views[view] = other(cell, view); }
    cell.replaceChildren.apply(cell, cell.views[view].nodes);
    cell.dataset.v = cell.views[view].value;
  }
  function other(cell, view) {
    var links = cell.views.printed.nodes.filter(function (node) { return node.dataset && "i" in node.dataset; });
    var facts = links.map(factsOf), nodes = [];
    if (!facts.some(function (fact) { return fact.measured; })) {
      return { nodes: [element("span", { className: "dim", textContent: "–", title: facts[0].state })], value: "" };
    }
    var separators = cell.views.printed.nodes.filter(function (node) { return node.nodeType === 3; });
    links.forEach(function (link, index) {
      var fact = facts[index];
      if (index) { nodes.push(document.createTextNode(separators.length ? separators[0].textContent : " ")); }
      if (!fact.measured) { nodes.push(element("span", { className: "dim", textContent: "–" })); return; }
      var copy = element("a", { textContent: fact[view], className: view === "measured" ? fact.mark : "" });
      copy.href = fact.source ? "#" + fact.source : link.hash;
      copy.dataset.i = link.dataset.i;
      nodes.push(copy);
      if (view === "measured" && fact.noise) { nodes.push(element("sup", { className: "mk", textContent: "≈", title: fact.noise })); }
    });
    return { nodes: nodes, value: numberOf(facts[0][view] || "") };
  }
  all(".viewed").forEach(function (panel) {
    var cells = all("td", panel).filter(function (cell) { return cell.querySelector("a[data-i]"); });
    panel.setView = function (view) {
      panel.dataset.view = view;
      cells.forEach(function (cell) { show(cell, view); });
    };
    all(".views input", panel).forEach(function (input) {
      if (input.checked && input.value !== "printed") { panel.setView(input.value); }
      input.addEventListener("change", function () { panel.setView(input.value); });
    });
  });

  var card = element("div", { className: "panel beside", hidden: true }), from = null;
  card.setAttribute("role", "dialog");
  card.setAttribute("aria-label", "Where this number comes from");
  document.body.append(card);
  function close() {
    card.hidden = true;
    if (from) { from.removeAttribute("aria-expanded"); from.focus({ preventScroll: true }); from = null; }
  }
  function leave() { if (from) { from.removeAttribute("aria-expanded"); } from = null; card.hidden = true; }
  function printedOf(link) {
    var cell = link.closest("td"), nodes = cell.views ? cell.views.printed.nodes : Array.prototype.slice.call(cell.childNodes);
    return nodes.filter(function (node) { return node.dataset && node.dataset.i === link.dataset.i; })[0];
  }
  function open(link) {
    var fact = factsOf(link), printed = printedOf(link), row = link.closest("tr");
    var list = element("dl", { className: "facts" }), more = element("p", { className: "small" });
    from = link;
    var button = element("button", { type: "button", textContent: "Close" });
    button.addEventListener("click", close);
    function line(term, content) { if (content) { list.append(element("dt", { textContent: term }), element("dd", {}, [content])); } }
    function jump(target, text) {
      var to = element("a", { textContent: text });
      to.href = target;
      to.addEventListener("click", leave);
      more.append(to, " ");
    }
    line("Printed", printed.textContent);
    line("Measured", fact.measured || "–");
    line("Difference", fact.difference);
    line("State", fact.state);
    line("Cause", fact.cause);
    line("Note", fact.note);
    line("Ours", fact.how);
    var entry = fact.source && document.getElementById(fact.source), command = entry && entry.querySelector("dd[data-command] code");
    if (command) { line("Command", command.cloneNode(true)); }
    jump(printed.hash, "Printed row");
    if (fact.source) { jump("#" + fact.source, "Result file"); }
    var name = row.children[0].cloneNode(true);
    all("input", name).forEach(function (box) { box.remove(); });
    card.replaceChildren(button, element("strong", { textContent: name.textContent.trim() + ", " + fact.what }), list, more);
    card.hidden = false;
    link.setAttribute("aria-expanded", "true");
    var box = link.getBoundingClientRect(), width = document.documentElement.clientWidth;
    var left = box.right + 8 + card.offsetWidth < width ? box.right + 8 : Math.max(8, Math.min(box.left, width - card.offsetWidth - 12));
    var beside = left > box.right;
    card.style.left = left + window.scrollX + "px";
    card.style.top = Math.max(8, beside ? Math.min(box.top, window.innerHeight - card.offsetHeight - 8) : box.bottom + 6) + window.scrollY + "px";
    button.focus({ preventScroll: true });
  }
  document.addEventListener("click", function (event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    var link = event.target.closest && event.target.closest("a[data-i]");
    if (link) {
      event.preventDefault();
      var again = link === from;
      close();
      if (!again) { open(link); }
    } else if (!card.hidden && !card.contains(event.target)) { leave(); }
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape" && !card.hidden) { close(); } });
}());
