(function () {
  "use strict";
  // A number of a paper's table opens a card beside it: printed, measured, difference, cause, command.
  var all = function (query, within) { return Array.prototype.slice.call((within || document).querySelectorAll(query)); };
  var card = document.createElement("div"), from = null;
  card.className = "panel beside";
  card.setAttribute("role", "dialog");
  card.setAttribute("aria-label", "Where this number comes from");
  card.hidden = true;
  document.body.append(card);
  function close() {
    card.hidden = true;
    if (from) { from.setAttribute("aria-expanded", "false"); from.focus({ preventScroll: true }); from = null; }
  }
  function line(list, term, content) {
    if (!content) { return; }
    var dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = term;
    dd.append(content);
    list.append(dt, dd);
  }
  function shown(part, view) {
    var link = part.querySelector(".v-" + view + " a");
    return link ? link.textContent : "";
  }
  function open(link) {
    var part = link.closest(".part"), row = link.closest("tr");
    from = link;
    card.replaceChildren();
    var button = document.createElement("button"), title = document.createElement("strong"), list = document.createElement("dl");
    button.type = "button";
    button.textContent = "Close";
    button.addEventListener("click", close);
    title.textContent = row.children[0].textContent.trim() + ", " + part.dataset.what;
    list.className = "facts";
    line(list, "Printed", shown(part, "printed"));
    line(list, "Measured", shown(part, "measured") || "–");
    line(list, "Difference", shown(part, "difference"));
    line(list, "State", part.dataset.state);
    line(list, "Cause", part.dataset.cause);
    var measured = part.querySelector(".v-measured a"), target = measured && document.getElementById(measured.hash.slice(1));
    var command = target && target.querySelector("dd[data-command] code");
    if (command) { line(list, "Command", command.cloneNode(true)); }
    var more = document.createElement("p");
    more.className = "small";
    all(".v-printed a, .v-measured a", part).forEach(function (source) {
      var jump = document.createElement("a");
      jump.href = source.hash;
      jump.textContent = source.closest(".v-printed") ? "Printed row" : "Result file";
      jump.addEventListener("click", function () { from = null; card.hidden = true; });
      more.append(jump, " ");
    });
    card.append(button, title, list, more);
    card.hidden = false;
    link.setAttribute("aria-expanded", "true");
    var box = link.getBoundingClientRect(), width = document.documentElement.clientWidth;
    var left = box.right + 8 + card.offsetWidth < width ? box.right + 8 : Math.max(8, Math.min(box.left, width - card.offsetWidth - 12));
    var beside = left > box.right;
    card.style.left = left + window.scrollX + "px";
    card.style.top = Math.max(8, beside ? Math.min(box.top, window.innerHeight - card.offsetHeight - 8) : box.bottom + 6) + window.scrollY + "px";
    button.focus({ preventScroll: true });
  }
  all(".part a").forEach(function (link) { link.setAttribute("aria-haspopup", "dialog"); });
  document.addEventListener("click", function (event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    var link = event.target.closest && event.target.closest(".part a");
    if (link) {
      event.preventDefault();
      var again = link === from;
      close();
      if (!again) { open(link); }
    } else if (!card.hidden && !card.contains(event.target)) { from = null; card.hidden = true; }
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape" && !card.hidden) { close(); } });

  all("input[data-measured-only]").forEach(function (input) {
    input.closest("label").hidden = false;
    function show() {
      all("tbody tr[data-key]", input.closest(".viewed")).forEach(function (row) {
        row.hidden = input.checked && !("measured" in row.dataset);
      });
    }
    input.addEventListener("change", show);
    show();
  });
}());
