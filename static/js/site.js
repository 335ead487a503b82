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

  // A second click while the first is on its way sends nothing; coming back with the browser's button allows it again.
  // A form whose answer is a file leaves its page as it is: there it is a pause.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    if (form.dataset.download) setTimeout(function () { delete form.dataset.sent; }, 5000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
    });
  });

  // How many characters are left, said aloud only when the typing rests.
  function countCharacters(area) {
    var line = document.getElementById(area.id + "-count");
    if (!line || area.dataset.counted) return;
    area.dataset.counted = "1";
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
  }
  document.querySelectorAll("textarea[data-max]").forEach(countCharacters);

  // A password can be read while it is typed, and is hidden again before it is sent.
  document.querySelectorAll("input[data-show]").forEach(function (field) {
    var button = document.createElement("button");
    var word = document.createElement("span");
    var what = document.createElement("span");
    what.className = "visually-hidden";
    what.textContent = " " + field.dataset.what;
    function show(visible) {
      field.type = visible ? "text" : "password";
      word.textContent = visible ? field.dataset.hide : field.dataset.show;
    }
    button.type = "button";
    button.className = "button button--small show-password";
    button.append(word, what);
    button.addEventListener("click", function () {
      show(field.type === "password");
    });
    field.spellcheck = false;
    field.autocapitalize = "none";
    field.insertAdjacentElement("afterend", button);
    field.form.addEventListener("submit", function () {
      show(false);
    });
    show(false);
  });

  // Who I am and what I support, on pages that are the same for everybody. Other scripts may wait for `reader`.
  var account = document.querySelector("[data-account]");
  window.consulta = { reader: account ? ask(document) : Promise.resolve(null) };
  if (account)
    window.consulta.reader.then(function (state) {
      if (state && state.signed_in) greet(state);
    });

  // The script of who writes comes when somebody begins to, left a draft in this browser, or is signed in.
  var writing = document.querySelector("meta[name=composer]");
  if (writing) {
    document.addEventListener("focusin", function (event) {
      var form = event.target.form;
      if (form && /\/participar\/revisar$/.test(form.action)) bring();
    });
    window.consulta.reader.then(function (state) {
      if (state && state.signed_in) bring();
    });
    try {
      if (Object.keys(localStorage).some(isDraft)) bring();
    } catch (error) {
      // A browser that keeps nothing has no draft.
    }
  }

  function isDraft(key) {
    return key.startsWith("borrador:");
  }

  function bring() {
    if (!writing) return;
    var script = document.createElement("script");
    script.src = writing.content;
    Object.assign(script.dataset, writing.dataset, { late: "1" });
    writing = null;
    document.head.appendChild(script);
  }

  // Asks which of the supports within something are mine, and marks them.
  function ask(part) {
    var supports = Array.from(part.querySelectorAll("[data-support]"));
    var asked = supports.map(function (link) {
      return link.dataset.support;
    });
    var follow = part.querySelector("[data-follow]");
    var query = new URLSearchParams();
    if (asked.length) query.set("aportes", asked.join(","));
    if (follow) query.set("seguir", follow.dataset.follow);
    return fetch(account.dataset.account + "?" + query, {
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    })
      .then(function (response) {
        return response.ok ? response.json() : null;
      })
      .then(function (state) {
        if (!state || !state.signed_in) return state;
        var mine = new Set(state.supports.map(String));
        supports.forEach(function (link) {
          mark(link, mine.has(link.dataset.support));
        });
        if (follow) offer(follow, state);
        return state;
      })
      .catch(function () {
        return null;
      });
  }

  // What a script added to the page gets the same.
  document.addEventListener("consulta:added", function (event) {
    event.target.querySelectorAll("textarea[data-max]").forEach(countCharacters);
    window.consulta.reader.then(function (state) {
      if (state && state.signed_in && event.target.querySelector("[data-support]")) ask(event.target);
    });
  });

  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-support]");
    if (!link || !link.dataset.word) return;
    event.preventDefault();
    window.consulta.reader.then(function (state) {
      press(link, state.token);
    });
  });

  // My name instead of «Mi espacio», and the other parts of the site that are mine.
  function greet(state) {
    var enter = account.querySelector("[data-account-enter]").closest("li");
    account.querySelector("[data-account-space]").textContent = state.name;
    // Whoever had come as far as «Entrar» with the keyboard goes on from what stands there now.
    if (enter.contains(document.activeElement)) account.querySelector("[data-account-space]").focus();
    enter.hidden = true;
    state.spaces.slice(1).forEach(function (space) {
      var item = document.createElement("li");
      var link = document.createElement("a");
      link.href = space.path;
      link.textContent = space.label;
      item.appendChild(link);
      enter.parentNode.appendChild(item);
    });
  }

  function mark(link, supported) {
    link.dataset.word = link.dataset.word || link.querySelector("[data-support-label]").textContent;
    link.classList.toggle("button--pressed", supported);
    link.querySelector("[data-support-label]").textContent = supported ? link.dataset.pressed : link.dataset.word;
  }

  // Follow in place; what is followed already leads to its page, where it can be changed or stopped.
  function offer(link, state) {
    if (state.follows.indexOf(link.dataset.follow) >= 0) return showFollowed(link);
    link.addEventListener("click", function (event) {
      if (link.dataset.isFollowed) return;
      event.preventDefault();
      fetch(link.href, {
        method: "POST",
        credentials: "same-origin",
        headers: { Accept: "application/json", "X-CSRFToken": state.token },
      })
        .then(function (response) {
          if (!response.ok) throw new Error(response.status);
          showFollowed(link);
          link.nextElementSibling.textContent = link.dataset.said;
        })
        .catch(function () {
          window.location.href = link.href;
        });
    });
  }

  function showFollowed(link) {
    link.dataset.isFollowed = "1";
    link.classList.add("button--pressed");
    link.querySelector("[data-follow-label]").textContent = link.dataset.followed;
  }

  // «4 apoyos», the number apart from its word as in the page.
  function showCount(count, text) {
    var unit = count.querySelector(".unit");
    var number = text.split(" ", 1)[0];
    count.firstChild.textContent = unit ? number : text;
    if (unit) unit.textContent = text.slice(number.length);
  }

  // Support in place; whatever goes wrong, the link's own page still does it.
  function press(link, token) {
    var wants = !link.classList.contains("button--pressed");
    fetch(link.href, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRFToken": token },
      body: new URLSearchParams({ apoyar: wants ? "1" : "0" }),
    })
      .then(function (response) {
        if (!response.ok) throw new Error(response.status);
        return response.json();
      })
      .then(function (answer) {
        mark(link, answer.supported);
        var count = link.parentNode.querySelector("[data-support-count]");
        if (count) showCount(count, answer.text);
      })
      .catch(function () {
        window.location.href = link.href;
      });
  }
})();
