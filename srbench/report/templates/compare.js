(function () {
  "use strict";
  var body = document.getElementById("slider-body");
  if (!body) { return; }
  var get = function (id) { return document.getElementById(id); };
  var numbers = function (text) { return text.split(",").map(Number); };
  var data = get("stage-data");
  var images = {};
  JSON.parse(data.textContent).forEach(function (image) { images[image.key] = image; });
  var size = numbers(data.dataset.size), mark = numbers(data.dataset.mark);
  var stage = get("stage"), divider = get("divider"), left = get("left"), right = get("right"), view = get("view");

  // Puts an image of the whole region behind a window, so that the box [x, y, width, height] fills the window.
  function frame(image, box) {
    image.style.width = 100 * size[0] / box[2] + "%";
    image.style.height = 100 * size[1] / box[3] + "%";
    image.style.left = -100 * box[0] / box[2] + "%";
    image.style.top = -100 * box[1] / box[3] + "%";
  }
  function show(select, id, side) {
    var image = images[select.value];
    get(id).src = image.src || get(image.from).src;
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
    var box = numbers(view.selectedOptions[0].dataset.box), shape = box[2] / box[3];
    stage.style.aspectRatio = box[2] + " / " + box[3];
    stage.style.width = divider.style.width = "min(100%, " + (72 * shape).toFixed(2) + "vh, " + Math.round(760 * shape) + "px)";
    var zoom = stage.clientWidth / box[2];
    ["img-left", "img-right"].forEach(function (id) { frame(get(id), box); get(id).classList.toggle("smooth", zoom < 1); });
    var cropmark = stage.querySelector(".cropmark");
    cropmark.hidden = view.value === "crop";
    cropmark.style.left = 100 * (mark[0] - box[0]) / box[2] + "%";
    cropmark.style.top = 100 * (mark[1] - box[1]) / box[3] + "%";
    cropmark.style.width = 100 * mark[2] / box[2] + "%";
    cropmark.style.height = 100 * mark[3] / box[3] + "%";
    get("zoom").textContent = box[2] + " × " + box[3] + " pixels, shown " + zoom.toFixed(1) + " times as large";
  }
  function moveTo(event) {
    var area = stage.getBoundingClientRect();
    divider.value = Math.round(100 * (event.clientX - area.left) / area.width);
    showDivider();
  }
  stage.addEventListener("pointerdown", function (event) { stage.setPointerCapture(event.pointerId); moveTo(event); });
  stage.addEventListener("pointermove", function (event) { if (stage.hasPointerCapture(event.pointerId)) { moveTo(event); } });
  divider.addEventListener("input", showDivider);
  left.addEventListener("change", showBoth);
  right.addEventListener("change", showBoth);
  view.addEventListener("change", showView);
  window.addEventListener("resize", showView);
  get("swap").addEventListener("click", function () {
    var other = left.value;
    left.value = right.value;
    right.value = other;
    showBoth();
  });
  // A crop above is a link to the slider and is shown there on the right.
  Array.prototype.forEach.call(document.querySelectorAll("[data-pick]"), function (link) {
    link.addEventListener("click", function () { right.value = link.dataset.pick; showBoth(); });
  });

  var maps = get("maps"), errorsView = get("errors-view");
  if (maps) {
    errorsView.closest(".bar").hidden = false;
    errorsView.addEventListener("change", function () {
      var box = errorsView.value === "crop" ? mark : [0, 0, size[0], size[1]];
      maps.classList.toggle("closeup", errorsView.value === "crop");
      Array.prototype.forEach.call(maps.querySelectorAll(".in"), function (window_) {
        window_.style.aspectRatio = box[2] + " / " + box[3];
        frame(window_.querySelector("img"), box);
      });
    });
  }
  body.hidden = false;
  showBoth();
  showView();
}());
