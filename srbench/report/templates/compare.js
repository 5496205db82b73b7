(function () {
  "use strict";
  var all = function (query, within) { return Array.prototype.slice.call((within || document).querySelectorAll(query)); };
  var numbers = function (text) { return text.split(",").map(Number); };
  var picker = document.getElementById("image"), shots;
  var asked = new URLSearchParams(location.search);

  // One image of the page: its crops, its slider, its error maps.
  function setUp(shot) {
    var get = function (id) { return document.getElementById(shot.dataset.prefix + id); };
    var body = get("slider-body"), data = get("stage-data"), images = {};
    JSON.parse(data.textContent).forEach(function (image) { images[image.key] = image; });
    var size = numbers(data.dataset.size), mark = numbers(data.dataset.mark), at = numbers(data.dataset.at), box = mark.slice();
    var stage = get("stage"), divider = get("divider"), left = get("left"), right = get("right"), view = get("view"), flicker = get("flicker");
    var strip = shot.querySelector(".strip"), overview = shot.querySelector(".overview"), cropBar = shot.querySelector(".bar.crop"), typed = cropBar.querySelector("[data-typed]");
    function source(image) { return image.src || get(image.from).src; }

    // Puts an image of the whole region behind a window, so that the box [x, y, width, height] fills the window.
    function frame(image, part) {
      image.style.width = 100 * size[0] / part[2] + "%";
      image.style.height = 100 * size[1] / part[3] + "%";
      image.style.left = -100 * part[0] / part[2] + "%";
      image.style.top = -100 * part[1] / part[3] + "%";
    }
    function show(select, id, side) {
      var image = images[select.value];
      get(id).src = source(image);
      get(id).alt = image.title;
      var name = stage.querySelector(".name." + side);
      name.textContent = image.title;
      if (image.figures) { name.appendChild(document.createElement("small")).textContent = image.figures; }
    }
    function showDivider() {
      stage.style.setProperty("--at", divider.value + "%");
      divider.setAttribute("aria-valuetext", images[left.value].title + " " + divider.value + " %, " +
        images[right.value].title + " " + (100 - divider.value) + " %");
    }
    function showBoth() { show(left, "img-left", "l"); show(right, "img-right", "r"); showDivider(); }
    function showView() {
      var part = view.value === "crop" ? box : numbers(view.selectedOptions[0].dataset.box), shape = part[2] / part[3];
      stage.style.aspectRatio = part[2] + " / " + part[3];
      stage.style.width = divider.style.width = "min(100%, " + (72 * shape).toFixed(2) + "vh, " + Math.round(760 * shape) + "px)";
      var zoom = stage.clientWidth / part[2];
      ["img-left", "img-right"].forEach(function (id) { frame(get(id), part); get(id).classList.toggle("smooth", zoom < 1); });
      var cropmark = stage.querySelector(".cropmark");
      cropmark.hidden = view.value === "crop";
      cropmark.style.left = 100 * (box[0] - part[0]) / part[2] + "%";
      cropmark.style.top = 100 * (box[1] - part[1]) / part[3] + "%";
      cropmark.style.width = 100 * box[2] / part[2] + "%";
      cropmark.style.height = 100 * box[3] / part[3] + "%";
      get("zoom").textContent = part[2] + " × " + part[3] + " pixels, shown " + zoom.toFixed(1) + " times as large";
    }

    // The crop: all methods show the same part, wherever it is moved.
    function moved() { return box.join() !== mark.join(); }
    function showCrop() {
      strip.classList.toggle("moved", moved());
      typed.value = [box[0] + at[0], box[1] + at[1], box[2], box[3]].join(",");
      all("a[data-pick]", strip).forEach(function (link) {
        var image = link.querySelector("img");
        if (!link.made) { link.made = image.src; }
        link.classList.toggle("free", moved());
        if (moved()) {
          image.src = source(images[link.dataset.pick]);
          link.style.aspectRatio = box[2] + " / " + box[3];
          frame(image, box);
        } else { image.src = link.made; image.removeAttribute("style"); link.style.aspectRatio = ""; }
      });
      var cropmark = overview.querySelector(".cropmark");
      cropmark.style.left = 100 * (box[0] + at[0]) / at[2] + "%";
      cropmark.style.top = 100 * (box[1] + at[1]) / at[3] + "%";
      cropmark.style.width = 100 * box[2] / at[2] + "%";
      cropmark.style.height = 100 * box[3] / at[3] + "%";
      showView();
      showErrors();
    }
    function setBox(x, y, width, height) {
      if (![x, y, width, height].every(isFinite)) { return; }
      width = Math.min(size[0], Math.max(8, Math.round(width)));
      height = Math.min(size[1], Math.max(8, Math.round(height)));
      box = [Math.min(size[0] - width, Math.max(0, Math.round(x))), Math.min(size[1] - height, Math.max(0, Math.round(y))), width, height];
      showCrop();
      remember();
    }
    function zoomBy(factor) {
      var width = box[2] * factor, height = box[3] * factor;
      setBox(box[0] + (box[2] - width) / 2, box[1] + (box[3] - height) / 2, width, height);
    }
    all("[data-zoom]", cropBar).forEach(function (button) { button.addEventListener("click", function () { zoomBy(Number(button.dataset.zoom)); }); });
    cropBar.querySelector("[data-back]").addEventListener("click", function () { setBox.apply(null, mark); });
    typed.addEventListener("change", function () {
      var wanted = numbers(typed.value);
      if (wanted.length === 4) { setBox(wanted[0] - at[0], wanted[1] - at[1], wanted[2], wanted[3]); }
      showCrop();
    });
    var pane = overview.querySelector(".in"), from = null;
    overview.classList.add("draw");
    pane.tabIndex = 0;
    pane.setAttribute("role", "application");
    pane.setAttribute("aria-label", "Crop: arrow keys move it, plus and minus zoom");
    function pixel(event) {
      var area = pane.getBoundingClientRect();
      return [(event.clientX - area.left) / area.width * at[2] - at[0], (event.clientY - area.top) / area.height * at[3] - at[1]];
    }
    pane.addEventListener("pointerdown", function (event) { pane.setPointerCapture(event.pointerId); from = pixel(event); event.preventDefault(); pane.focus({ preventScroll: true }); });
    pane.addEventListener("pointermove", function (event) {
      if (!from) { return; }
      var to = pixel(event);
      if (Math.abs(to[0] - from[0]) > 4 && Math.abs(to[1] - from[1]) > 4) {
        setBox(Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]));
      }
    });
    pane.addEventListener("pointerup", function () { from = null; });
    pane.addEventListener("keydown", function (event) {
      var step = event.shiftKey ? 1 : Math.max(1, Math.round(box[2] / 8));
      var way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
      if (way) { setBox(box[0] + way[0], box[1] + way[1], box[2], box[3]); event.preventDefault(); }
      if (event.key === "+" || event.key === "=") { zoomBy(0.8); }
      if (event.key === "-") { zoomBy(1.25); }
    });

    function moveTo(event) {
      var area = stage.getBoundingClientRect();
      divider.value = Math.round(100 * (event.clientX - area.left) / area.width);
      showDivider();
    }
    stage.addEventListener("pointerdown", function (event) { stage.setPointerCapture(event.pointerId); moveTo(event); });
    stage.addEventListener("pointermove", function (event) { if (stage.hasPointerCapture(event.pointerId)) { moveTo(event); } });
    stage.addEventListener("pointerup", function () { remember(); });
    divider.addEventListener("input", showDivider);
    divider.addEventListener("change", remember);
    [left, right].forEach(function (select) { select.addEventListener("change", function () { showBoth(); remember(); }); });
    view.addEventListener("change", function () { showView(); remember(); });
    window.addEventListener("resize", showView);
    get("swap").addEventListener("click", function () {
      var other = left.value;
      left.value = right.value;
      right.value = other;
      showBoth();
      remember();
    });
    // A crop above is a link to the slider and is shown there on the right.
    all("[data-pick]", shot).forEach(function (link) {
      link.addEventListener("click", function () { right.value = link.dataset.pick; showBoth(); remember(); });
    });
    // One place, two images in turn: what moves is the difference.
    var before = 50;
    function flick() {
      var on = flicker.getAttribute("aria-pressed") !== "true";
      if (divider.value !== "0" && divider.value !== "100") { before = divider.value; }
      flicker.setAttribute("aria-pressed", on ? "true" : "false");
      divider.value = on ? 100 : 0;
      showDivider();
    }
    flicker.addEventListener("click", flick);

    var maps = get("maps"), errorsView = get("errors-view");
    function showErrors() {
      if (!maps) { return; }
      var part = errorsView.value === "crop" ? box : [0, 0, size[0], size[1]];
      maps.classList.toggle("closeup", errorsView.value === "crop");
      all(".in", maps).forEach(function (pane_) {
        pane_.style.aspectRatio = part[2] + " / " + part[3];
        frame(pane_.querySelector("img"), part);
        var own = pane_.querySelector(".cropmark").style;
        own.left = 100 * box[0] / size[0] + "%";
        own.top = 100 * box[1] / size[1] + "%";
        own.width = 100 * box[2] / size[0] + "%";
        own.height = 100 * box[3] / size[1] + "%";
      });
    }
    if (maps) {
      errorsView.closest(".bar").hidden = false;
      errorsView.addEventListener("change", showErrors);
    }
    function remember() {
      if (shot.hidden) { return; }
      var query = new URLSearchParams();
      if (picker.value !== "0") { query.set("image", picker.value); }
      query.set("left", left.value);
      query.set("right", right.value);
      query.set("at", divider.value);
      query.set("view", view.value);
      if (moved()) { query.set("crop", typed.value); }
      try { history.replaceState(null, "", location.pathname + "?" + query.toString().replace(/%2C/g, ",") + location.hash); } catch (e) { /* a viewer without history */ }
    }
    function take(wanted) {
      [["left", left], ["right", right], ["view", view]].forEach(function (pair) {
        if (all("option", pair[1]).some(function (option) { return option.value === wanted.get(pair[0]); })) { pair[1].value = wanted.get(pair[0]); }
      });
      if (wanted.get("at")) { divider.value = wanted.get("at"); }
      var crop = wanted.get("crop") ? numbers(wanted.get("crop")) : [];
      if (crop.length === 4) { setBox(crop[0] - at[0], crop[1] - at[1], crop[2], crop[3]); }
      showBoth();
      showCrop();
    }
    body.hidden = false;
    cropBar.hidden = false;
    return { shot: shot, take: take, flick: flick, remember: remember };
  }

  shots = all(".shot").map(setUp);
  function current() { return shots[Number(picker.value)]; }
  function choose() {
    var now = new URLSearchParams(location.search);
    now.delete("crop");  // the crop of one image is no crop of another
    shots.forEach(function (one, index) { one.shot.hidden = String(index) !== picker.value; });
    current().take(now);
    current().remember();
  }
  if (shots.length > 1) { picker.closest(".bar").hidden = false; }
  if (shots[Number(asked.get("image") || 0)]) { picker.value = asked.get("image") || "0"; }
  shots.forEach(function (one, index) { one.shot.hidden = String(index) !== picker.value; });
  current().take(asked);
  picker.addEventListener("change", choose);
  document.addEventListener("keydown", function (event) {
    var inField = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "range";
    if ((event.key === "f" || event.key === "F") && !inField && !event.ctrlKey && !event.metaKey && !event.altKey) { current().flick(); }
  });
}());
