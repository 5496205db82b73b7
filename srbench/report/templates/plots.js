(function () {
  "use strict";
  // Scatters: a tooltip on hover and focus, a legend that hides kinds of points, the plot as SVG and as PDF.
  var all = function (query, within) { return Array.prototype.slice.call((within || document).querySelectorAll(query)); };
  if (!document.querySelector("svg.scatter")) { return; }
  var tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "tooltip");
  tip.id = "plot-tip";
  tip.hidden = true;
  document.body.append(tip);
  function pointOf(event) { return event.target.closest && event.target.closest("svg.scatter a.pt"); }
  function show(event) {
    var point = pointOf(event);
    if (!point) { return; }
    var box = point.querySelector(".m").getBoundingClientRect();
    tip.textContent = point.getAttribute("aria-label");
    tip.hidden = false;
    var left = Math.min(Math.max(8, box.left + box.width / 2 - tip.offsetWidth / 2), document.documentElement.clientWidth - tip.offsetWidth - 8);
    var top = box.top - tip.offsetHeight - 8;
    tip.style.left = left + window.scrollX + "px";
    tip.style.top = (top < 0 ? box.bottom + 8 : top) + window.scrollY + "px";
  }
  function hide(event) { if (pointOf(event)) { tip.hidden = true; } }
  document.addEventListener("mouseover", show);
  document.addEventListener("focusin", show);
  document.addEventListener("mouseout", hide);
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { tip.hidden = true; } });

  // A browser's own tooltip would stand beside ours, so the title of a point becomes its label.
  function prepare(svg) {
    all("a.pt > title", svg).forEach(function (title) {
      title.parentNode.setAttribute("aria-label", title.textContent);
      title.remove();
    });
  }

  all(".plots:not([data-chart]) .legend li[data-kind]").forEach(function (entry) {
    var button = document.createElement("button");
    button.type = "button";
    button.append.apply(button, Array.prototype.slice.call(entry.childNodes));
    entry.append(button);
    function toggle(on) {
      button.setAttribute("aria-pressed", on ? "true" : "false");
      all('a.pt[data-kind="' + entry.dataset.kind + '"]', entry.closest(".plots")).forEach(function (point) {
        point.style.display = on ? "" : "none";
      });
    }
    button.addEventListener("click", function () { toggle(button.getAttribute("aria-pressed") !== "true"); });
    toggle(true);
  });

  // What is drawn, in the colours of the light theme: elements with their styles, nothing hidden.
  var STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "paint-order", "font-size", "font-weight", "opacity"];
  function inLight(work) {
    var root = document.documentElement, theme = root.dataset.theme;
    root.dataset.theme = "light";
    try { return work(); } finally { if (theme) { root.dataset.theme = theme; } else { delete root.dataset.theme; } }
  }
  function svgText(svg) {
    return inLight(function () {
      var copy = svg.cloneNode(true), theirs = all("*", copy);
      all("*", svg).forEach(function (element, index) {
        var style = getComputedStyle(element);
        STYLES.forEach(function (name) { theirs[index].style.setProperty(name, style.getPropertyValue(name)); });
        theirs[index].style.transition = "none";
        if (style.display === "none") { theirs[index].style.display = "none"; }
      });
      copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
      copy.setAttribute("font-family", "Helvetica, Arial, sans-serif");
      all("a", copy).forEach(function (link) { link.removeAttribute("href"); });
      return new XMLSerializer().serializeToString(copy);
    });
  }

  // A PDF of one page with the fourteen fonts that every reader has: paths, circles and text are all that a scatter is.
  var WIDTHS = "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 " +
    "1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 " +
    "333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584";
  var widths = WIDTHS.split(" ").map(Number);
  var BYTES = { "–": 0x96, "—": 0x97, "’": 0x92, "‘": 0x91, "“": 0x93, "”": 0x94, "…": 0x85, "•": 0x95, "−": 0x2d, "≈": 0x7e };
  function bytes(text) {
    return Array.from(text, function (sign) { var code = BYTES[sign] || sign.codePointAt(0); return code > 255 ? 63 : code; });
  }
  function widthOf(codes) { return codes.reduce(function (sum, code) { return sum + (widths[code - 32] || 556); }, 0) / 1000; }
  function quoted(codes) {
    return "(" + codes.map(function (code) {
      return code === 40 || code === 41 || code === 92 ? "\\" + String.fromCharCode(code) : code < 32 || code > 126 ? "\\" + ("00" + code.toString(8)).slice(-3) : String.fromCharCode(code);
    }).join("") + ")";
  }
  function colour(value, sign) {
    var found = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)/.exec(value);
    return found && [1, 2, 3].map(function (index) { return (found[index] / 255).toFixed(3); }).join(" ") + " " + sign + "\n";
  }
  function pathOf(data) {
    var x = 0, y = 0, out = "", list = data.match(/[MLHVlhvz]|-?[\d.]+/g) || [], command = "";
    for (var at = 0; at < list.length;) {
      if (/[a-zA-Z]/.test(list[at])) { command = list[at]; at += 1; if (command === "z") { out += "h\n"; continue; } }
      if (command === "H") { x = Number(list[at]); at += 1; }
      else if (command === "V") { y = Number(list[at]); at += 1; }
      else if (command === "h") { x += Number(list[at]); at += 1; }
      else if (command === "v") { y += Number(list[at]); at += 1; }
      else if (command === "l") { x += Number(list[at]); y += Number(list[at + 1]); at += 2; }
      else { x = Number(list[at]); y = Number(list[at + 1]); at += 2; }
      out += x + " " + y + (command === "M" ? " m\n" : " l\n");
      if (command === "M") { command = "L"; }
    }
    return out;
  }
  function circle(x, y, r) {
    var k = 0.5523 * r;
    return [[x + r, y, "m"], [x + r, y + k, x + k, y + r, x, y + r, "c"], [x - k, y + r, x - r, y + k, x - r, y, "c"],
      [x - r, y - k, x - k, y - r, x, y - r, "c"], [x + k, y - r, x + r, y - k, x + r, y, "c"], ["h"]].map(function (part) { return part.join(" ") + "\n"; }).join("");
  }
  function drawnText(element, style) {
    var codes = bytes(element.textContent), size = parseFloat(style.fontSize), wide = widthOf(codes) * size;
    var anchor = element.getAttribute("text-anchor"), shift = anchor === "end" ? -wide : anchor === "middle" ? -wide / 2 : 0;
    var turned = /translate\(([-\d.]+) ([-\d.]+)\) rotate\(-90\)/.exec(element.getAttribute("transform") || "");
    var place = turned ? "0 -1 -1 0 " + turned[1] + " " + (Number(turned[2]) - shift)
      : "1 0 0 -1 " + (Number(element.getAttribute("x")) + shift) + " " + element.getAttribute("y");
    var font = Number(style.fontWeight) >= 600 ? "/F2 " : "/F1 ";
    return colour(style.fill, "rg") + "BT " + font + size + " Tf " + place + " Tm " + quoted(codes) + " Tj ET\n";
  }
  function drawn(element) {
    var style = getComputedStyle(element), name = element.tagName.toLowerCase();
    if (style.display === "none" || (element.closest("a.pt") && getComputedStyle(element.closest("a.pt")).display === "none")) { return ""; }
    if (name === "text") { return drawnText(element, style); }
    var shape = name === "path" ? pathOf(element.getAttribute("d")) : circle.apply(null, ["cx", "cy", "r"].map(function (part) { return Number(element.getAttribute(part)); }));
    var fill = style.fill !== "none" && colour(style.fill, "rg"), stroke = style.stroke !== "none" && colour(style.stroke, "RG");
    var dashes = style.strokeDasharray === "none" ? "" : style.strokeDasharray.replace(/px|,/g, "");
    var first = style.paintOrder.indexOf("stroke") === 0;  // a halo lies below what it surrounds
    var line = stroke ? stroke + parseFloat(style.strokeWidth) + " w [" + dashes + "] 0 d\n" : "";
    if (fill && stroke && first) { return line + shape + "S\n" + fill + shape + "f\n"; }
    return (fill || "") + line + shape + (fill && stroke ? "B\n" : fill ? "f\n" : stroke ? "S\n" : "n\n");
  }
  function pdfText(svg) {
    var box = svg.viewBox.baseVal, scale = 0.75, wide = box.width * scale, high = box.height * scale;
    var content = inLight(function () {
      return scale + " 0 0 -" + scale + " 0 " + high + " cm\n" + all("path, circle, text", svg).map(drawn).join("");
    });
    var font = function (name) { return "<< /Type /Font /Subtype /Type1 /BaseFont /" + name + " /Encoding /WinAnsiEncoding >>"; };
    var objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 " + wide + " " + high + "] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
      "<< /Length " + content.length + " >>\nstream\n" + content + "endstream", font("Helvetica"), font("Helvetica-Bold")];
    var out = "%PDF-1.4\n", places = [];
    objects.forEach(function (object, index) { places.push(out.length); out += index + 1 + " 0 obj\n" + object + "\nendobj\n"; });
    var table = out.length;
    out += "xref\n0 " + (objects.length + 1) + "\n0000000000 65535 f \n";
    places.forEach(function (place) { out += ("0000000000" + place).slice(-10) + " 00000 n \n"; });
    return out + "trailer\n<< /Size " + (objects.length + 1) + " /Root 1 0 R >>\nstartxref\n" + table + "\n%%EOF\n";
  }

  function save(text, kind, name) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: kind }));
    link.download = name;
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }
  var MAKERS = { SVG: [svgText, "image/svg+xml", ".svg"], PDF: [pdfText, "application/pdf", ".pdf"] };
  all(".fig").forEach(function (place) {
    if (!place.querySelector("svg.scatter")) { return; }
    prepare(place);
    var holder = document.createElement("div");
    holder.className = "noprint downloads";
    Object.keys(MAKERS).forEach(function (kind) {
      var button = document.createElement("button"), maker = MAKERS[kind];
      button.type = "button";
      button.className = "download";
      button.textContent = kind;
      button.title = "Download this plot as it is shown";
      button.setAttribute("aria-label", "Download " + kind + ": " + place.querySelector("svg").getAttribute("aria-label"));
      button.addEventListener("click", function () {
        var svg = place.querySelector("svg.scatter");
        save(maker[0](svg), maker[1], svg.getAttribute("aria-label").toLowerCase().replace(/[^a-z0-9]+/g, "-") + maker[2]);
      });
      holder.append(button);
    });
    place.after(holder);
  });
}());
