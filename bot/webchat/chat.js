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

  const help = document.getElementById("help");
  const chat = document.getElementById("chat");
  const log = document.getElementById("log");
  const numbers = document.getElementById("numbers");

  // The page carries the numbers with it, so that they are there without a network.
  const showNumbers = () => {
    const old = document.querySelector(".numbers");
    const node = old || numbers.content.querySelector("article").cloneNode(true);
    node.classList.add("numbers");
    (log || document.querySelector("main")).append(node);
    node.scrollIntoView({ block: "start" });
    node.focus({ preventScroll: true });
  };

  if (!chat) {
    help.addEventListener("click", (event) => {
      if (navigator.onLine || !numbers) return;
      event.preventDefault();
      showNumbers();
    });
    return;
  }
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

  // Puts the answers of a message in the place of the earlier ones. The field stays:
  // somebody may be typing in it.
  const offer = (content) => {
    const old = document.getElementById("text");
    if (!old) {
      answer.replaceChildren(content);
      return;
    }
    answer.querySelector("form.say:not(.type)").replaceWith(content.querySelector("form.say"));
    const hint = content.querySelector("#text").inputMode;
    if (old.inputMode === hint) return;
    old.inputMode = hint;
    if (document.activeElement !== old || old.value) return;
    old.blur(); // a keyboard on the screen changes only when it opens
    old.focus();
  };

  // Draws a message that the server rendered, and the answers it allows.
  let waiting; // for help that was asked for
  const draw = (html) => {
    clearTimeout(waiting);
    const held = document.createElement("div");
    held.innerHTML = html;
    const node = held.querySelector("article");
    if (!node) return;
    const form = held.querySelector("template");
    const focused = answer.contains(document.activeElement) ? document.activeElement : null;
    show(node);
    if (!form) return;
    offer(form.content);
    if (!focused) return;
    // Keep the keyboard where it was: on the same button after a change, else on
    // the new message.
    const same = focused.value && node.hasAttribute("data-redraws") &&
      [...answer.querySelectorAll("button")].find((b) => b.textContent === focused.textContent);
    if (same) same.focus();
    else if (focused.id !== "text") node.focus();
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
    return node;
  };

  const listen = () => {
    const events = new EventSource("/events?after=" + encodeURIComponent(chat.dataset.last));
    events.onmessage = (event) => { lost.hidden = true; draw(event.data); };
    events.onopen = () => { lost.hidden = true; };
    events.onerror = () => { lost.hidden = false; };
  };

  const nonce = () => [...crypto.getRandomValues(new Uint8Array(16))]
    .map((b) => b.toString(16).padStart(2, "0")).join("");

  // How long one try may take, and how long to wait before each, in milliseconds.
  const patience = 8000;
  const pauses = [0, 1000, 2000];
  // Somebody who asks for help does not wait longer than this for the network.
  const helpTime = 1000;

  // One try; false when nothing was saved.
  const post = async (data) => {
    const reply = await fetch("/say", {
      method: "POST", body: new URLSearchParams(data), headers: { "X-Listens": "1" },
      redirect: "error", signal: AbortSignal.timeout(patience),
    });
    if (reply.status !== 204) draw(await reply.text());
    return reply.status === 204;
  };

  // Says on what somebody said that it did not get through, and offers another try.
  // It is the same update each time, so that it counts once.
  const unsent = (bubble, data) => {
    const note = document.createElement("p");
    const again = document.createElement("button");
    again.type = "button";
    again.className = "option small";
    again.textContent = chat.dataset.again;
    again.addEventListener("click", () => { note.remove(); send(data, bubble); });
    note.className = "unsent";
    note.setAttribute("role", "status");
    note.append(chat.dataset.unsent + " ", again);
    bubble.append(note);
  };

  // What is said is sent one after the other, in its order.
  let sending = Promise.resolve();
  const send = (data, bubble) => {
    sending = sending.then(async () => {
      for (const pause of pauses) {
        await new Promise((resolve) => setTimeout(resolve, pause));
        try {
          if (!await post(data)) unsent(bubble, data);
          return;
        } catch {
          if (pause === 0) showNumbers();
          lost.hidden = false;
        }
      }
      unsent(bubble, data);
    });
  };

  answer.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    const data = new FormData(event.target, button);
    const last = [...log.querySelectorAll(".said:not(.you)")].at(-1);
    const text = button && button.name === "tap" ? button.textContent : String(data.get("text")).trim();
    if (!text) return;
    data.set("nonce", nonce());
    send(data, you(text, last ? last.dataset.seq : ""));
    const field = document.getElementById("text");
    if (field && !(button && button.name === "tap")) field.value = "";
  });

  answer.addEventListener("keydown", (event) => {
    if (event.target.id === "text" && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      event.target.form.requestSubmit(event.target.form.querySelector(".send"));
    }
  });

  help.addEventListener("click", (event) => {
    event.preventDefault();
    const button = [...answer.querySelectorAll(".last button")].at(-1);
    if (!button || !navigator.onLine) {
      showNumbers();
      return;
    }
    button.click();
    waiting = setTimeout(showNumbers, helpTime);
  });

  const newest = log.querySelector(".said:last-child");
  if (newest) newest.scrollIntoView({ block: "start" });
  listen();
})();
