// Moderation with the keyboard, stored texts in place, and the seconds to undo. Every page works without it.
(function () {
  "use strict";

  var STORE = "moderation-shortcuts";
  var help = document.querySelector("[data-shortcuts]");
  var rows = Array.from(document.querySelectorAll("[data-row]"));
  var current = -1;

  function kept() {
    try {
      return localStorage.getItem(STORE) !== "off";
    } catch (error) {
      return true;
    }
  }

  var isOn = kept();
  if (help) {
    var box = help.querySelector("[data-use-shortcuts]");
    help.hidden = false;
    box.checked = isOn;
    help.classList.toggle("shortcuts--off", !isOn);
    box.addEventListener("change", function () {
      isOn = box.checked;
      help.classList.toggle("shortcuts--off", !isOn);
      try {
        localStorage.setItem(STORE, isOn ? "on" : "off");
      } catch (error) {
        // Kept for this page alone.
      }
    });
  }

  // Letters are words, not shortcuts, wherever somebody can type or choose.
  function isWriting(target) {
    return target.closest("textarea, select, input:not([type=checkbox]), [contenteditable]") !== null;
  }

  function go(step) {
    if (!rows.length) return false;
    current = Math.max(0, Math.min(rows.length - 1, current + step));
    rows.forEach(function (row, index) {
      row.classList.toggle("is-current", index === current);
    });
    rows[current].querySelector("[data-open]").focus();
    return true;
  }

  function press(key) {
    var target = document.querySelector("[data-key='" + key + "']");
    if (!target || target.offsetParent === null) return false;
    if (target.tagName !== "SUMMARY") {
      target.click();
      return true;
    }
    var act = target.parentNode;
    act.open = true;
    var field = act.querySelector("select, textarea, input:not([type=hidden])");
    if (field) {
      field.focus();
      field.scrollIntoView({ block: "center" });
    }
    return true;
  }

  function obey(key) {
    if (key === "?" && help) {
      help.open = !help.open;
      if (help.open) help.querySelector("summary").focus();
      return true;
    }
    if (rows.length && key === "j") return go(1);
    if (rows.length && key === "k") return go(-1);
    if (rows.length && current >= 0 && key === "o") {
      rows[current].querySelector("[data-open]").click();
      return true;
    }
    if (rows.length && current >= 0 && key === "x") {
      var mark = rows[current].querySelector("input[type=checkbox]");
      if (mark) mark.click();
      return Boolean(mark);
    }
    return /^[a-z]$/.test(key) && press(key);
  }

  document.addEventListener("keydown", function (event) {
    if (!isOn || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    if (obey(event.key)) event.preventDefault();
  });
  // Whoever moves with Tab goes on from there.
  rows.forEach(function (row, index) {
    row.addEventListener("focusin", function () {
      current = index;
      rows.forEach(function (other) {
        other.classList.toggle("is-current", other === row);
      });
    });
  });

  // How many are marked, and all of the page at once.
  var line = document.querySelector("[data-chosen]");
  if (line) {
    var plain = line.textContent;
    var all = document.querySelector("[data-mark]");
    var marks = Array.from(document.querySelectorAll("input[name=chosen]"));
    var tell = function () {
      var count = marks.filter(function (mark) {
        return mark.checked;
      }).length;
      line.textContent = count === 0 ? plain : count === 1 ? line.dataset.one : line.dataset.many.replace("{n}", count);
      all.textContent = count < marks.length ? all.dataset.all : all.dataset.none;
      return count;
    };
    line.setAttribute("aria-live", "polite");
    tell();
    document.addEventListener("change", function (event) {
      if (event.target.name === "chosen") tell();
    });
    all.addEventListener("click", function (event) {
      event.preventDefault();
      var isAll = tell() === marks.length;
      marks.forEach(function (mark) {
        mark.checked = !isAll;
      });
      tell();
    });
  }

  // The stored text of a reason comes by itself, but never over what somebody wrote.
  document.querySelectorAll("form[data-texts]").forEach(function (form) {
    var texts = JSON.parse(form.dataset.texts);
    var area = form.querySelector("textarea");
    var choice = form.querySelector("select");
    function put(code) {
      var isOurs = area.value.trim() === "" || Object.values(texts).indexOf(area.value) >= 0;
      if (!isOurs || !texts[code]) return;
      area.value = texts[code];
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    form.querySelectorAll("[name=insert]").forEach(function (button) {
      button.addEventListener("click", function (event) {
        var code = choice ? choice.value : form.dataset.textCode;
        if (!code) return;
        event.preventDefault();
        area.value = texts[code] || area.value;
        area.dispatchEvent(new Event("input", { bubbles: true }));
        area.focus();
      });
    });
    if (choice) {
      choice.addEventListener("change", function () {
        put(choice.value);
      });
    }
  });

  // The seconds in which an act can be taken back; afterwards the button goes, because it would be refused.
  var undo = document.querySelector("[data-undo]");
  if (undo) {
    setTimeout(function () {
      var held = undo.contains(document.activeElement);
      undo.querySelector("form").remove();
      undo.querySelector("[data-undo-hint]").remove();
      if (held) document.getElementById("contenido").focus();
    }, Number(undo.dataset.undo) * 1000);
  }
})();
