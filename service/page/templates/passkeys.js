// What a browser does for passkeys: it asks the authenticator of whoever is there, and puts the answer into a form of the page.
// Without this file every page works but those three forms.
"use strict";

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const named = (each) => ({ ...each, id: bytes(each.id) });

async function make(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: named(options.user),
      excludeCredentials: options.excludeCredentials.map(named),
    },
  });
  return { client_data: text(made.response.clientDataJSON), attestation: text(made.response.attestationObject) };
}

async function sign(options) {
  const signed = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: options.allowCredentials.map(named),
    },
  });
  return {
    credential: text(signed.rawId),
    authenticator_data: text(signed.response.authenticatorData),
    client_data: text(signed.response.clientDataJSON),
    signature: text(signed.response.signature),
  };
}

async function statement(form, fields) {
  const answer = await fetch(form.dataset.statement, { method: "POST", body: fields });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}

async function answered(form, submitter) {
  form.querySelector("[data-pressed]")?.remove(); // of a page that a browser has come back to
  const fields = new URLSearchParams(new FormData(form, submitter));
  const { kind } = form.dataset;
  const options = kind === "verdict" ? await statement(form, fields) : JSON.parse(form.dataset.options);
  form.elements.namedItem("signed").value = JSON.stringify(await (kind === "make" ? make(options) : sign(options)));
  if (submitter?.name) {
    const pressed = document.createElement("input");
    Object.assign(pressed, { type: "hidden", name: submitter.name, value: submitter.value });
    pressed.dataset.pressed = "";
    form.append(pressed);
  }
  form.submit();
}

for (const form of document.querySelectorAll("form[data-kind]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const says = form.querySelector("[role=alert]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    says.hidden = true;
    answered(form, event.submitter).catch((error) => {
      says.textContent = `Nothing was sent: ${error.message}`;
      says.hidden = false;
    });
  });
}
