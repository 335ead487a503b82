// The five letters follow what is typed; without this file the buttons of the form do the same.
(function () {
  "use strict";
  var panel = document.querySelector("[data-smart-check]");
  var form = panel && document.getElementById(panel.dataset.smartForm);
  if (!form) return;
  var timer;
  var asked = 0;
  function check() {
    var turn = ++asked;
    fetch(panel.dataset.smartCheck, { method: "POST", body: new FormData(form), credentials: "same-origin" })
      .then(function (response) {
        return response.ok ? response.text() : null;
      })
      .then(function (html) {
        // A late answer must not replace that of a later text.
        if (html && turn === asked && html.trim() !== panel.innerHTML.trim()) panel.innerHTML = html;
      })
      .catch(function () {});
  }
  form.addEventListener("input", function () {
    clearTimeout(timer);
    timer = setTimeout(check, 700);
  });
})();
