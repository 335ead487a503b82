// While somebody writes: keep the draft, and show what others have asked already. Without this file there are buttons.
(function () {
  "use strict";
  var words = document.currentScript.dataset;
  var FIELDS = ["title", "body", "suggested_institution", "suggested_institution_text", "organization"];
  var PREFIX = "borrador:";
  var PAUSE = 1500;
  var LONGEST = 90 * 24 * 3600 * 1000;
  var states = new WeakMap();

  if (words.sent) forget(words.sent);
  forgetOld();

  // ---- The browser's own store may be full, or switched off.
  function recall(place) {
    try {
      return JSON.parse(localStorage.getItem(PREFIX + place));
    } catch (error) {
      return null;
    }
  }

  function keep(place, fields) {
    try {
      localStorage.setItem(PREFIX + place, JSON.stringify({ at: Date.now(), fields: fields }));
      return true;
    } catch (error) {
      return false;
    }
  }

  function forget(place) {
    try {
      localStorage.removeItem(PREFIX + place);
    } catch (error) {
      return;
    }
  }

  function forgetOld() {
    try {
      Object.keys(localStorage).forEach(function (key) {
        var kept = key.startsWith(PREFIX) && recall(key.slice(PREFIX.length));
        if (kept && !(Date.now() - kept.at < LONGEST)) localStorage.removeItem(key);
      });
    } catch (error) {
      return;
    }
  }

  // ---- Which forms these are, and for which place.
  function isComposer(form) {
    return Boolean(form && form.elements.body && placeOf(form));
  }

  function placeOf(form) {
    var edited = /\/aportes\/(\d+)\/editar$/.exec(form.action);
    if (edited) return "edit:" + edited[1];
    if (!/\/participar\/revisar$/.test(form.action)) return "";
    if (valueOf(form, "kind") === "reply") return "reply:" + valueOf(form, "parent");
    return "topic:" + valueOf(form, "plan") + "/" + valueOf(form, "topic");
  }

  function valueOf(form, name) {
    return form.elements[name] ? form.elements[name].value : "";
  }

  function isEdit(form) {
    return placeOf(form).startsWith("edit:");
  }

  function typed(form) {
    var fields = {};
    FIELDS.forEach(function (name) {
      if (form.elements[name]) fields[name] = form.elements[name].value;
    });
    return fields;
  }

  function isEmpty(fields) {
    return !((fields.title || "") + (fields.body || "")).trim();
  }

  function stateOf(form) {
    if (!states.has(form)) states.set(form, { line: null, timer: 0, looked: false, asking: 0, similar: null, said: "", saving: false, again: false });
    return states.get(form);
  }

  // ---- One line below the text says what became of the draft.
  function say(form, text, canForget) {
    var state = stateOf(form);
    if (!state.line) {
      state.line = document.createElement("p");
      state.line.className = "draft-line small muted";
      state.line.setAttribute("role", "status");
      var group = form.elements.body.closest(".govuk-form-group");
      var help = group.nextElementSibling;
      (help && help.matches(".writing-help") ? help : group).insertAdjacentElement("afterend", state.line);
    }
    // Said once, however often it is saved in the same minute.
    if (state.said !== text) state.line.textContent = state.said = text;
    if (!canForget) return;
    var button = document.createElement("button");
    button.type = "button";
    button.className = "link-button";
    button.textContent = words.forget;
    button.addEventListener("click", function () {
      FIELDS.forEach(function (name) {
        var field = form.elements[name];
        if (field) field.value = isEdit(form) ? field.defaultValue : "";
      });
      form.elements.body.dispatchEvent(new Event("input", { bubbles: true }));
      forget(placeOf(form));
      form.elements.body.focus();
    });
    state.line.append(" ", button);
  }

  // The same draft was changed in another window: both texts stay, and the reader chooses.
  function sayOther(form, answer) {
    stateOf(form).other = answer.saved;
    if (stateOf(form).said === answer.error) return;
    say(form, answer.error);
    if (!answer.url) return;
    var link = make("a", "", words.other);
    link.href = answer.url;
    var button = make("button", "link-button", words.replace);
    button.type = "button";
    button.addEventListener("click", function () {
      mark(form, stateOf(form).other);
      save(form);
    });
    stateOf(form).line.append(" ", link, " ", button);
  }

  // Which draft the text goes on from, so that another window's is noticed.
  function mark(form, stamp) {
    var field = form.elements.saved;
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "saved";
      form.appendChild(field);
    }
    field.value = stamp || "";
  }

  // ---- Keep what is typed: with the account on the server, else in this browser.
  function reader() {
    return (window.consulta && window.consulta.reader) || Promise.resolve(null);
  }

  // One at a time: each needs to know what the one before left.
  function save(form) {
    var state = stateOf(form);
    state.again = state.saving;
    if (state.saving) return;
    state.saving = true;
    var place = placeOf(form);
    var fields = typed(form);
    fields.saved = valueOf(form, "saved");
    reader().then(function (who) {
      var token = valueOf(form, "csrf_token") || (who && who.signed_in && who.token);
      if (!token || isEdit(form)) return saveHere(form, place, fields, words.kept);
      return fetch(words.drafts, {
        method: "POST",
        credentials: "same-origin",
        headers: { Accept: "application/json", "X-CSRFToken": token },
        body: new URLSearchParams(new FormData(form)),
      }).then(function (response) {
        if (response.status === 401) return saveHere(form, place, fields, words.ended);
        if (response.status === 409) {
          keep(place, fields);
          return response.json().then(function (answer) {
            sayOther(form, answer);
          });
        }
        if (!response.ok) throw new Error(response.status);
        return response.json().then(function (answer) {
          forget(place);
          mark(form, answer.saved);
          say(form, answer.text);
        });
      });
    }).catch(function () {
      saveHere(form, place, fields, words.kept);
    }).then(function () {
      state.saving = false;
      if (state.again && form.isConnected) save(form);
    });
  }

  function saveHere(form, place, fields, text) {
    if (isEmpty(fields)) {
      forget(place);
      if (stateOf(form).line) say(form, words.forgotten);
    } else if (keep(place, fields)) {
      say(form, text);
    }
  }

  // ---- Bring back what was typed, into a form that is still empty.
  function restore(form) {
    var state = stateOf(form);
    var place = placeOf(form);
    var here = recall(place);
    if (state.looked) return;
    state.looked = true;
    if (isEdit(form)) return restoreEdit(form, place, here);
    if (!isEmpty(typed(form))) return;
    if (here && here.fields && !isEmpty(here.fields)) return fill(form, here.fields, words.found, here.fields.saved);
    reader().then(function (who) {
      if (!(who && who.signed_in) && !valueOf(form, "csrf_token")) return;
      var asked = new URLSearchParams();
      ["kind", "plan", "topic", "parent"].forEach(function (name) {
        asked.set(name, valueOf(form, name));
      });
      return fetch(words.drafts + "/de-aqui?" + asked, {
        credentials: "same-origin",
        headers: { Accept: "application/json" },
      })
        .then(function (response) {
          return response.ok ? response.json() : null;
        })
        .then(function (answer) {
          if (answer && answer.fields && isEmpty(typed(form))) fill(form, answer.fields, answer.text, answer.saved);
        });
    }).catch(function () {});
  }

  // The form holds what is stored; a draft that says the same has arrived.
  function restoreEdit(form, place, here) {
    if (!here || !here.fields) return;
    var now = typed(form);
    if (here.fields.body === now.body && here.fields.title === now.title) forget(place);
    else fill(form, here.fields, words.found);
  }

  function fill(form, fields, text, stamp) {
    FIELDS.forEach(function (name) {
      if (form.elements[name] && typeof fields[name] === "string") form.elements[name].value = fields[name];
    });
    var folded = form.querySelector("details");
    if (folded && valueOf(form, "suggested_institution")) folded.open = true;
    if (!isEdit(form)) mark(form, stamp);
    form.elements.body.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "restored" }));
    say(form, text, true);
  }

  // ---- Who represents an organisation says on whose behalf it is. Public pages do not know who reads them.
  function askOnBehalf(form) {
    var before = form.querySelector(".actions");
    if (isEdit(form) || form.elements.organization || !before) return;
    // A line that explains the button stays with it.
    if (before.previousElementSibling.matches("p")) before = before.previousElementSibling;
    reader().then(function (who) {
      if (!who || !who.represents || form.elements.organization) return;
      var group = make("div", "govuk-form-group");
      var label = make("label", "govuk-label", who.represents.question);
      var select = make("select", "govuk-select");
      select.name = "organization";
      select.id = label.htmlFor = form.elements.body.id + "-organization";
      select.add(new Option(who.represents.own, ""));
      select.add(new Option(who.represents.organization, who.represents.id));
      var here = recall(placeOf(form));
      if (here && here.fields && here.fields.organization === who.represents.id) select.value = who.represents.id;
      group.append(label, select);
      before.insertAdjacentElement("beforebegin", group);
    });
  }

  // ---- What others have asked already: below the text, and only when the typing rests.
  function look(form) {
    if (valueOf(form, "kind") !== "proposal") return;
    var state = stateOf(form);
    var asking = ++state.asking;
    fetch(words.similar, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
    })
      .then(function (response) {
        return response.ok ? response.json() : null;
      })
      .then(function (answer) {
        if (answer && asking === state.asking) show(form, state, answer);
      })
      .catch(function () {});
  }

  function make(tag, name, text) {
    var element = document.createElement(tag);
    if (name) element.className = name;
    if (text) element.textContent = text;
    return element;
  }

  function show(form, state, answer) {
    var shown = answer.items.map(function (item) {
      return item.folio;
    }).join();
    if (!state.similar && !answer.items.length) return;
    if (!state.similar) {
      state.similar = make("section", "similar");
      state.similar.append(make("p", "similar-summary"), make("div"));
      state.similar.firstChild.setAttribute("role", "status");
      form.querySelector(".actions").insertAdjacentElement("beforebegin", state.similar);
    }
    if (state.similar.dataset.shown === shown) return;
    state.similar.dataset.shown = shown;
    state.similar.hidden = !answer.items.length;
    if (!answer.items.length) return state.similar.lastChild.replaceChildren();
    state.similar.firstChild.textContent = answer.summary + " " + words.wordHeading + " " + words.wordAdvice;
    var list = make("ul", "rows");
    list.setAttribute("role", "list");
    answer.items.forEach(function (item) {
      list.appendChild(row(item));
    });
    state.similar.lastChild.replaceChildren(list);
    list.dispatchEvent(new CustomEvent("consulta:added", { bubbles: true }));
  }

  function row(item) {
    var line = make("p");
    var link = make("a", "", item.title);
    link.href = item.url;
    line.append(link, " ", make("span", "folio", item.folio));
    var element = make("li");
    element.appendChild(line);
    if (!item.supported) return element;
    var acts = make("div", "contribution-actions");
    var support = make("a", "button button--small");
    support.href = item.support_url;
    support.dataset.support = item.supported;
    support.dataset.pressed = words.wordSupported;
    var label = make("span", "", words.wordSupport);
    label.dataset.supportLabel = "";
    support.append(label, make("span", "visually-hidden", " " + item.title));
    var count = make("span", "muted", item.count);
    count.dataset.supportCount = "";
    count.setAttribute("role", "status");
    acts.append(support, count);
    element.appendChild(acts);
    return element;
  }

  // ---- Forms may come later, so the page listens for all of them.
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (!isComposer(form)) return;
    var state = stateOf(form);
    clearTimeout(state.timer);
    state.timer = setTimeout(function () {
      if (!form.isConnected) return;
      if (event.detail !== "restored") save(form);
      look(form);
    }, PAUSE);
  });

  document.addEventListener("focusin", function (event) {
    if (isComposer(event.target.form)) restore(event.target.form);
  });

  document.addEventListener("submit", function (event) {
    if (!isComposer(event.target)) return;
    // What has not been kept yet: whatever happens to the form, the text is still here.
    var state = stateOf(event.target);
    clearTimeout(state.timer);
    var fields = typed(event.target);
    fields.saved = valueOf(event.target, "saved");
    if (!isEmpty(fields)) keep(placeOf(event.target), fields);
  });

  document.addEventListener("consulta:added", function (event) {
    if (event.target.matches("form") && isComposer(event.target)) askOnBehalf(event.target);
  });

  document.addEventListener("consulta:sent", function (event) {
    clearTimeout(stateOf(event.target).timer);
    forget(placeOf(event.target));
  });

  Array.from(document.forms).filter(isComposer).forEach(function (form) {
    restore(form);
    askOnBehalf(form);
    // What was typed while this file was on its way.
    var typing = words.late && form.contains(document.activeElement) && !isEmpty(typed(form));
    if (typing) form.elements.body.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
