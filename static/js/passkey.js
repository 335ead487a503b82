// Passkeys: asks the device what the server asks, and sends the answer with the form. Without this file its forms stay hidden.
(function () {
  "use strict";

  // A device knows names of sites, never their numbers.
  var works = window.PublicKeyCredential && !/^[\d.]+$|:/.test(location.hostname);
  if (!works) return;

  function toBytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) {
      return letter.charCodeAt(0);
    });
  }

  function toText(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function withBytes(options) {
    options.challenge = toBytes(options.challenge);
    if (options.user) options.user.id = toBytes(options.user.id);
    (options.excludeCredentials || []).concat(options.allowCredentials || []).forEach(function (known) {
      known.id = toBytes(known.id);
    });
    return options;
  }

  // The answer as the server reads it: every part that is bytes, as text.
  function withText(credential) {
    var given = credential.response;
    var response = { clientDataJSON: toText(given.clientDataJSON) };
    ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (part) {
      if (given[part]) response[part] = toText(given[part]);
    });
    return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: response });
  }

  function ask(form) {
    return fetch(form.dataset.question, {
      method: "POST",
      headers: { "X-CSRFToken": form.elements.csrf_token.value, Accept: "application/json" },
      credentials: "same-origin",
      redirect: "error",
    })
      .then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      })
      .then(function (options) {
        var asked = { publicKey: withBytes(options) };
        return form.dataset.passkey === "create" ? navigator.credentials.create(asked) : navigator.credentials.get(asked);
      });
  }

  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    var problem = form.querySelector("[data-passkey-problem]");
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      problem.textContent = "";
      ask(form).then(
        function (credential) {
          form.elements.credential.value = withText(credential);
          form.submit();
        },
        function () {
          problem.textContent = problem.dataset.passkeyProblem;
        }
      );
    });
  });
  document.querySelectorAll("[data-passkey-only]").forEach(function (part) {
    part.hidden = false;
  });
  document.querySelectorAll("[data-passkey-missing]").forEach(function (part) {
    part.hidden = true;
  });
})();
