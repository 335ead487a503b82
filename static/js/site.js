// Enhancements only: every page does its work without this file.
(function () {
  "use strict";

  // An error summary takes the focus, so that it is read first; its links move the focus into the field.
  var summary = document.querySelector("[data-error-summary]");
  if (summary) {
    summary.focus();
    summary.addEventListener("click", function (event) {
      var link = event.target.closest("a[href^='#']");
      var field = link && document.getElementById(link.getAttribute("href").slice(1));
      if (field) {
        event.preventDefault();
        field.focus();
        (field.closest(".govuk-form-group") || field).scrollIntoView({ block: "start" });
      }
    });
  }

  // How many characters are left, said aloud only when the typing rests.
  document.querySelectorAll("textarea[data-max]").forEach(function (area) {
    var line = document.getElementById(area.id + "-count");
    if (!line) return;
    var spoken = document.createElement("span");
    var timer;
    spoken.className = "visually-hidden";
    spoken.setAttribute("aria-live", "polite");
    line.insertAdjacentElement("afterend", spoken);
    function show() {
      var left = Number(area.dataset.max) - Array.from(area.value.replace(/\r?\n/g, "\n")).length;
      var text = (left < 0 ? line.dataset.over : line.dataset.left).replace("{n}", Math.abs(left).toLocaleString("en-US"));
      line.textContent = text;
      line.classList.toggle("count--over", left < 0);
      clearTimeout(timer);
      timer = setTimeout(function () {
        spoken.textContent = text;
      }, 1000);
    }
    area.addEventListener("input", show);
    if (area.value) show();
  });

  // A reply box opens under its contribution with the cursor in it; Escape closes it and gives the focus back.
  document.querySelectorAll("details[data-reply]").forEach(function (box) {
    box.addEventListener("toggle", function () {
      var area = box.open && box.querySelector("textarea");
      if (area) area.focus();
    });
    box.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !box.open) return;
      box.open = false;
      box.querySelector("summary").focus();
    });
  });

  // Who I am and what I support, on pages that are the same for everybody.
  var account = document.querySelector("[data-account]");
  if (!account) return;
  fetch(account.dataset.account, { credentials: "same-origin", headers: { Accept: "application/json" } })
    .then(function (response) {
      return response.ok ? response.json() : null;
    })
    .then(function (state) {
      if (!state || !state.name) return;
      account.querySelector("[data-account-space]").textContent = state.name;
      account.querySelector("[data-account-enter]").closest("li").hidden = true;
      var mine = new Set((state.supports || []).map(String));
      document.querySelectorAll("[data-support]").forEach(function (button) {
        if (!mine.has(button.dataset.support)) return;
        button.classList.add("button--pressed");
        button.querySelector("[data-support-label]").textContent = button.dataset.pressed;
      });
    })
    .catch(function () {});
})();
