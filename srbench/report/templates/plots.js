(function () {
  "use strict";
  // Scatters: a tooltip on hover and focus, a legend that hides kinds of points, the plot as an SVG file.
  var all = function (query, within) { return Array.prototype.slice.call((within || document).querySelectorAll(query)); };
  if (!document.querySelector("svg.scatter")) { return; }
  var tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "tooltip");
  tip.id = "plot-tip";
  tip.hidden = true;
  document.body.append(tip);
  all("svg.scatter a.pt").forEach(function (point) {
    var title = point.querySelector("title");
    point.dataset.tip = title.textContent;
    point.setAttribute("aria-label", title.textContent);
    title.remove();
    function show() {
      var box = point.querySelector(".m").getBoundingClientRect();
      tip.textContent = point.dataset.tip;
      tip.hidden = false;
      var left = Math.min(Math.max(8, box.left + box.width / 2 - tip.offsetWidth / 2), document.documentElement.clientWidth - tip.offsetWidth - 8);
      var top = box.top - tip.offsetHeight - 8;
      tip.style.left = left + window.scrollX + "px";
      tip.style.top = (top < 0 ? box.bottom + 8 : top) + window.scrollY + "px";
    }
    function hide() { tip.hidden = true; }
    point.addEventListener("mouseenter", show);
    point.addEventListener("focus", show);
    point.addEventListener("mouseleave", hide);
    point.addEventListener("blur", hide);
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { tip.hidden = true; } });

  all(".legend li[data-kind]").forEach(function (entry) {
    var button = document.createElement("button");
    button.type = "button";
    button.append.apply(button, Array.prototype.slice.call(entry.childNodes));
    entry.append(button);
    function show(on) {
      button.setAttribute("aria-pressed", on ? "true" : "false");
      all('a.pt[data-kind="' + entry.dataset.kind + '"]', entry.closest(".plots")).forEach(function (point) {
        point.style.display = on ? "" : "none";
      });
    }
    button.addEventListener("click", function () { show(button.getAttribute("aria-pressed") !== "true"); });
    show(!("off" in entry.dataset));
  });

  var STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "paint-order", "font-size", "font-weight", "color"];
  all(".fig > svg.scatter").forEach(function (svg) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "download noprint";
    button.textContent = "SVG";
    button.title = "Download this plot as it is shown";
    button.setAttribute("aria-label", "Download SVG: " + svg.getAttribute("aria-label"));
    button.addEventListener("click", function () {
      var copy = svg.cloneNode(true), theirs = all("*", copy);
      all("*", svg).forEach(function (element, index) {
        var style = getComputedStyle(element);
        STYLES.forEach(function (name) { theirs[index].style.setProperty(name, style.getPropertyValue(name)); });
        if (style.display === "none") { theirs[index].style.display = "none"; }
      });
      copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
      copy.setAttribute("font-family", "Helvetica, Arial, sans-serif");
      all("a", copy).forEach(function (link) { link.removeAttribute("href"); });
      var link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
      link.download = svg.getAttribute("aria-label").toLowerCase().replace(/[^a-z0-9]+/g, "-") + ".svg";
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    });
    svg.closest(".fig").after(button);
  });
}());
