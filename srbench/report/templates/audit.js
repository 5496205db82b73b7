(function () {
  "use strict";
  // Filters by paper, kind and severity; a permalink to what they hide clears them.
  var form = document.querySelector("[data-filters]");
  var findings = Array.prototype.slice.call(document.querySelectorAll(".finding"));
  var bands = Array.prototype.slice.call(document.querySelectorAll(".band"));
  function fits(finding, name) {
    var wanted = form.elements[name].value;
    return !wanted || finding.dataset[name].split(" ").indexOf(wanted) >= 0;
  }
  function show() {
    var shown = 0;
    findings.forEach(function (finding) {
      finding.hidden = !["papers", "kind", "severity"].every(function (name) { return fits(finding, name); });
      shown += finding.hidden ? 0 : 1;
    });
    bands.forEach(function (band) { band.hidden = !band.querySelector(".finding:not([hidden])"); });
    form.querySelector("output").textContent = shown + " of " + findings.length + " findings";
  }
  function reveal() {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.hidden) { form.reset(); show(); target.scrollIntoView({ block: "center" }); }
  }
  form.hidden = false;
  form.addEventListener("change", show);
  form.addEventListener("reset", function () { setTimeout(show, 0); });
  window.addEventListener("hashchange", reveal);
  show();
}());
