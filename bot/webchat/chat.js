// Makes the page live. Without it every button still works, by loading the page
// anew. It keeps nothing: what the person typed is on the screen and nowhere else.
(() => {
  "use strict";

  const leave = document.getElementById("leave");
  leave.addEventListener("submit", (event) => {
    event.preventDefault();
    navigator.sendBeacon("/leave");
    document.documentElement.hidden = true;
    location.replace(leave.dataset.to);
  });

  const chat = document.getElementById("chat");
  if (!chat) return;
  const log = document.getElementById("log");
  const answer = document.getElementById("answer");
  const lost = document.getElementById("lost");

  const show = (node) => {
    const old = node.hasAttribute("data-redraws") &&
      [...log.querySelectorAll(".said:not(.you)")].at(-1);
    if (old && old.dataset.seq === node.dataset.seq) {
      log.querySelectorAll(".you[data-on='" + node.dataset.seq + "']").forEach((said) => said.remove());
      old.replaceWith(node);
    } else {
      log.append(node);
    }
    // A long message, such as the card with the numbers, is read from its top.
    node.scrollIntoView({ block: "start" });
  };

  // Draws a message that the server rendered, and the answers it allows.
  const draw = (html) => {
    const held = document.createElement("div");
    held.innerHTML = html;
    const node = held.querySelector("article");
    if (!node) return;
    const form = held.querySelector("template");
    const focused = answer.contains(document.activeElement) ? document.activeElement : null;
    show(node);
    if (!form) return;
    answer.replaceChildren(form.content);
    if (!focused) return;
    // Keep the keyboard where it was: on the same button after a change, else on
    // the new message.
    const same = focused.value && node.hasAttribute("data-redraws") &&
      [...answer.querySelectorAll("button")].find((b) => b.textContent === focused.textContent);
    if (same) same.focus();
    else if (focused.id === "text") document.getElementById("text").focus();
    else node.focus();
  };

  const you = (text, seq) => {
    const node = document.createElement("article");
    node.className = "said you";
    node.dataset.on = seq;
    const who = document.createElement("h2");
    who.textContent = chat.dataset.you;
    const words = document.createElement("p");
    words.textContent = text;
    node.append(who, words);
    log.append(node);
    node.scrollIntoView({ block: "nearest" });
  };

  const listen = () => {
    const events = new EventSource("/events?after=" + encodeURIComponent(chat.dataset.last));
    events.onmessage = (event) => { lost.hidden = true; draw(event.data); };
    events.onopen = () => { lost.hidden = true; };
    events.onerror = () => { lost.hidden = false; };
  };

  const nonce = () => [...crypto.getRandomValues(new Uint8Array(16))]
    .map((b) => b.toString(16).padStart(2, "0")).join("");

  const send = async (data) => {
    data.set("nonce", nonce());
    try {
      const reply = await fetch("/say", { method: "POST", body: new URLSearchParams(data), headers: { "X-Listens": "1" } });
      if (reply.status !== 204) draw(await reply.text());
    } catch {
      lost.hidden = false;
    }
  };

  answer.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    const data = new FormData(event.target, button);
    const last = [...log.querySelectorAll(".said:not(.you)")].at(-1);
    const text = button && button.name === "tap" ? button.textContent : String(data.get("text")).trim();
    if (!text) return;
    you(text, last ? last.dataset.seq : "");
    send(data);
    const field = document.getElementById("text");
    if (field && !(button && button.name === "tap")) field.value = "";
  });

  answer.addEventListener("keydown", (event) => {
    if (event.target.id === "text" && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      event.target.form.requestSubmit(event.target.form.querySelector(".send"));
    }
  });

  document.getElementById("help").addEventListener("click", (event) => {
    const button = [...answer.querySelectorAll(".last button")].at(-1);
    if (!button || !navigator.onLine) return;
    event.preventDefault();
    button.click();
  });

  const newest = log.querySelector(".said:last-child");
  if (newest) newest.scrollIntoView({ block: "start" });
  listen();
})();
