// A conversation in place: answer, read more, learn what is new. Without this file each of these is a page.
(function () {
  "use strict";
  var template = document.getElementById("reply-form");
  var formsBuilt = 0;

  function main() {
    return document.querySelector("[data-thread]");
  }

  // Tell site.js of what has come, so that it knows its supports and counts its characters.
  function announce(element) {
    prepare(element);
    element.dispatchEvent(new CustomEvent("consulta:added", { bubbles: true }));
  }

  // A link that opens something says so before it is followed.
  function prepare(part) {
    var opening = template ? "[data-reply], [data-more=all]" : "[data-more=all]";
    part.querySelectorAll(opening).forEach(function (link) {
      if (!link.hasAttribute("aria-expanded")) link.setAttribute("aria-expanded", "false");
    });
  }
  prepare(document);

  function focusOn(element) {
    element.tabIndex = -1;
    element.focus();
  }

  function fetchPage(address) {
    return fetch(address, { credentials: "same-origin" }).then(function (response) {
      if (!response.ok) throw new Error(response.status);
      return response.text().then(function (text) {
        return new DOMParser().parseFromString(text, "text/html");
      });
    });
  }

  // A link to what was said somewhere else of the thread finds it, wherever it stands now.
  function followHash() {
    var key = /^#aporte-(\d+)$/.exec(location.hash);
    if (key && main() && !document.getElementById("aporte-" + key[1]))
      location.replace(main().dataset.thread + "/aportes/" + key[1]);
  }
  followHash();
  window.addEventListener("hashchange", followHash);

  document.addEventListener("click", function (event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    var reply = event.target.closest("[data-reply]");
    var more = event.target.closest("[data-more], .pagination [rel=next]");
    var newer = event.target.closest("[data-news] a");
    if (reply && template) {
      event.preventDefault();
      toggle(reply);
    } else if (more && main()) {
      event.preventDefault();
      load(more);
    } else if (newer) {
      // The same page again, even where only the part after # differs.
      event.preventDefault();
      var here = location.pathname + location.search;
      location.assign(newer.href);
      if (here === newer.pathname + newer.search) location.reload();
    }
  });

  // ---- Answer in place: the form opens below the text, and what was typed in it stays until it is sent.
  var forms = new WeakMap();

  function toggle(link) {
    var form = forms.get(link);
    if (form && form.isConnected) return close(link);
    if (!form) forms.set(link, (form = build(link)));
    link.closest(".contribution-actions").insertAdjacentElement("afterend", form);
    link.setAttribute("aria-expanded", "true");
    announce(form);
    form.elements.body.focus();
  }

  function close(link) {
    forms.get(link).remove();
    link.setAttribute("aria-expanded", "false");
    link.focus();
  }

  function build(link) {
    var form = template.content.firstElementChild.cloneNode(true);
    var name = "reply-" + ++formsBuilt;
    form.querySelectorAll("[id]").forEach(function (one) {
      one.id = one.id.replace("reply", name);
    });
    form.querySelector("label").htmlFor = name;
    var area = form.elements.body;
    area.setAttribute("aria-describedby", area.getAttribute("aria-describedby").replace(/reply/g, name));
    form.querySelector("[data-to]").textContent = link.querySelector("[data-author]").textContent.trim();
    form.elements.parent.value = link.dataset.reply;
    form.elements.form_key.value = newKey();
    form.querySelector("[data-cancel]").addEventListener("click", function () {
      close(link);
    });
    form.addEventListener("keydown", function (event) {
      if (event.key === "Escape") close(link);
    });
    form.addEventListener("submit", function (event) {
      if (area.value.trim()) return;
      event.preventDefault();
      say(form, form.dataset.empty);
    });
    window.consulta.reader.then(function (reader) {
      if (!reader || !reader.signed_in) return;
      form.elements.started.value = reader.started;
      var button = form.querySelector("[data-submit]");
      button.hidden = false;
      button.addEventListener("click", function () {
        send(form, link, reader.token, button);
      });
    });
    return form;
  }

  // One key for each form, so that a text sent twice is recorded once.
  function newKey() {
    return Array.from(crypto.getRandomValues(new Uint8Array(18)), function (byte) {
      return byte.toString(16).padStart(2, "0");
    }).join("");
  }

  function say(form, text) {
    var line = form.querySelector("[role=alert]");
    line.textContent = text;
    line.hidden = false;
    form.elements.body.setAttribute("aria-invalid", "true");
    form.elements.body.focus();
  }

  // Whatever the answer asks for, the check page can show it beside the text.
  function send(form, link, token, button) {
    if (!form.elements.body.value.trim()) return say(form, form.dataset.empty);
    button.disabled = true;
    fetch(form.dataset.send, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-CSRFToken": token },
      body: new URLSearchParams(new FormData(form)),
    })
      .then(function (response) {
        var key = response.ok && /\/recibo\/(\d+)$/.exec(response.url);
        if (!key) return form.requestSubmit();
        return response.text().then(function (text) {
          var receipt = new DOMParser().parseFromString(text, "text/html");
          var shown = receipt.querySelector('main a[href$="/aportes/' + key[1] + '"], main a[href$="#aporte-' + key[1] + '"]');
          return shown ? place(form, link, key[1]) : thank(form, link);
        });
      })
      .catch(function () {
        say(form, form.dataset.failed);
      })
      .finally(function () {
        button.disabled = false;
      });
  }

  function finish(form, link) {
    form.dispatchEvent(new CustomEvent("consulta:sent", { bubbles: true }));
    form.remove();
    forms.delete(link);
    link.setAttribute("aria-expanded", "false");
  }

  // It waits for moderation: say so where it was written.
  function thank(form, link) {
    var line = document.createElement("p");
    line.className = "reply-sent";
    line.textContent = form.dataset.sent;
    form.insertAdjacentElement("afterend", line);
    finish(form, link);
    focusOn(line);
  }

  // It is published: show it under what it answers, as everybody will see it.
  function place(form, link, key) {
    return fetchPage(main().dataset.thread + "/aportes/" + key).then(function (page) {
      var item = document.createElement("li");
      item.className = "contribution";
      item.id = "aporte-" + key;
      item.appendChild(page.getElementById(item.id).querySelector("article"));
      listBelow(link).appendChild(item);
      finish(form, link);
      var line = document.querySelector("[data-news]");
      if (line) line.dataset.shown = Number(line.dataset.shown) + 1;
      announce(item);
      focusOn(item);
    });
  }

  function listBelow(link) {
    var item = link.closest("li.contribution");
    var list = item ? item.querySelector(":scope > .replies") : main();
    if (!list) {
      list = document.createElement("ul");
      list.className = "replies";
      list.setAttribute("role", "list");
      item.appendChild(list);
    }
    list.hidden = false;
    return list;
  }

  // ---- Read more in place: the items of the page behind the link, and the focus on the first that is new.
  function load(link) {
    if (link.dataset.busy) return;
    if (opened.has(link)) return reopen(link);
    link.dataset.busy = "1";
    fetchPage(link.href)
      .then(function (page) {
        var nav = link.closest(".pagination");
        var list = nav ? main() : link.closest("ul");
        var known = new Set(
          Array.from(list.querySelectorAll("[id]"), function (one) {
            return one.id;
          }),
        );
        if (link.dataset.more === "all") list.replaceChildren(folding(link, list));
        else if (!nav) link.closest("li").remove();
        var items = Array.from(page.querySelector("[data-thread]").children);
        items.forEach(function (item) {
          list.appendChild(item);
        });
        var following = page.querySelector(".pagination [rel=next]");
        if (nav) nav.replaceWith(page.querySelector(".pagination") || "");
        else if (following) list.appendChild(moreItem(following));
        announce(list);
        var fresh = items.find(function (item) {
          return !known.has(item.id);
        });
        focusOn(fresh || items[0] || list);
      })
      .catch(function () {
        location.assign(link.href);
      })
      .finally(function () {
        delete link.dataset.busy;
      });
  }

  // ---- What was opened folds again, and opens as it was left: nothing that is being written there is lost.
  var opened = new Map();

  // Instead of what a list shows. What is in both shows its supports as they are by now.
  function exchange(list, nodes) {
    var known = new Map();
    list.querySelectorAll("[data-support]").forEach(function (link) {
      known.set(link.dataset.support, link.parentNode);
    });
    list.replaceChildren.apply(list, nodes);
    list.querySelectorAll("[data-support]").forEach(function (link) {
      var present = known.get(link.dataset.support);
      if (present) link.parentNode.replaceWith(present.cloneNode(true));
    });
  }

  function folding(link, list) {
    var folded = Array.from(list.childNodes);
    var whose = link.querySelector(".visually-hidden");
    var item = document.createElement("li");
    var button = item.appendChild(document.createElement("button"));
    item.className = "more";
    button.type = "button";
    button.className = "link-button";
    button.textContent = main().dataset.less;
    if (whose) button.appendChild(whose.cloneNode(true));
    button.setAttribute("aria-expanded", "true");
    button.addEventListener("click", function () {
      opened.set(link, { list: list, folded: folded, nodes: Array.from(list.childNodes) });
      exchange(list, folded);
      link.focus();
    });
    return item;
  }

  function reopen(link) {
    var kept = opened.get(link);
    // What was answered while it was folded belongs to it too.
    var added = Array.from(kept.list.childNodes).filter(function (node) {
      return !kept.folded.includes(node);
    });
    opened.delete(link);
    exchange(kept.list, kept.nodes.concat(added));
    kept.nodes[0].querySelector("button").focus();
  }

  function moreItem(link) {
    var item = document.createElement("li");
    item.className = "more";
    link.className = "";
    link.dataset.more = "next";
    item.appendChild(link);
    return item;
  }

  // ---- «Hay 3 aportes nuevos»: asked once a minute while somebody looks, and nothing moves.
  var line = document.querySelector("[data-news]");
  var asked = Date.now();
  if (line) {
    setInterval(ask, 60000);
    document.addEventListener("visibilitychange", function () {
      if (Date.now() - asked > 60000) ask();
    });
  }

  function ask() {
    if (document.hidden) return;
    asked = Date.now();
    fetch(line.dataset.news, { credentials: "same-origin" })
      .then(function (response) {
        return response.ok ? response.json() : null;
      })
      .then(function (news) {
        var more = news ? news.shown - Number(line.dataset.shown) : 0;
        var text = more > 1 ? line.dataset.many.replace("{n}", more.toLocaleString("en-US")) : line.dataset.one;
        if (more < 1 || line.textContent === text) return;
        var link = document.createElement("a");
        link.href = line.dataset.here;
        link.textContent = text;
        line.replaceChildren(link);
      })
      .catch(function () {});
  }
})();
