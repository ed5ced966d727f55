// The script of a session's document. It sends what a person does, shows the pane that follows, and tells the page around it
// what has happened. Panes come ready from the server; this script knows none of them but those that act by themselves.
(() => {
  "use strict";

  const boot = JSON.parse(document.getElementById("boot").content);
  const root = document.documentElement;
  const dialog = document.getElementById("dialog");
  const paneBox = document.getElementById("pane");
  const notices = document.getElementById("notices");
  const live = document.getElementById("live");
  const inFrame = Boolean(boot.parent);
  const touch = matchMedia("(hover: none) and (pointer: coarse)").matches;

  const mostBytes = 80 * 1024 * 1024;
  const answerWithin = 100_000;
  const searchAfter = 120;
  const slowAfter = 8_000;
  const idleNotice = 60; // seconds before the end
  const severedWithin = 2_500;

  let step = boot.step;
  let offline = Boolean(boot.offline);
  let end = boot.finished; // told at once, or, offline, when the page is closed
  let done = false;
  let shown = !inFrame;
  let busy = false;
  let exitWanted = false;
  let port = null;
  let lastSeen = Date.now();

  const pane = () => paneBox.firstElementChild;
  const named = () => (pane() ? pane().dataset.pane : "");
  const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const word = (name) => document.getElementById("words").content.querySelector(`[data-word="${name}"]`).textContent;
  const parse = (html) => {
    const box = document.createElement("template");
    box.innerHTML = html;
    return box.content;
  };
  const say = (text) => {
    live.textContent = "";
    requestAnimationFrame(() => { live.textContent = text; });
  };

  // ---- The page around: a frame's parent, an app that watches navigations, or nobody.

  const events = [];

  // What is told before the port is there waits for it.
  const untold = [];
  const tell = (message) => {
    if (port) port.postMessage(message);
    else if (inFrame) untold.push(message);
  };

  const navigations = [];
  const navigateNext = () => {
    const url = navigations[0];
    if (!url) return;
    location.href = url;
    setTimeout(() => { navigations.shift(); navigateNext(); }, 60); // two at once would be one
  };
  const toApp = (what, fields) => {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(fields)) if (value !== null && value !== undefined && value !== "") query.set(key, value);
    navigations.push(`plaidlink://${what}?${query.toString().replace(/\+/g, "%20")}`);
    if (navigations.length > 1) return;
    if (document.readyState === "complete") navigateNext();
    else addEventListener("load", () => setTimeout(navigateNext), { once: true }); // before, they would end the loading
  };

  const flush = () => {
    for (const { name, metadata } of events.splice(0)) {
      if (boot.webview) toApp("event", { event_name: name, ...metadata });
      tell({ type: "event", name, metadata });
    }
  };

  const appEnd = (finished) => {
    const success = finished.success;
    const from = success || finished.exit || {};
    const bank = from.institution || {};
    const common = { institution_id: bank.institution_id, institution_name: bank.name, link_session_id: from.link_session_id };
    if (success) {
      const accounts = (success.accounts || []).map((a) => ({
        _id: a.id, meta: { name: a.name, number: a.mask }, name: a.name, mask: a.mask, type: a.type, subtype: a.subtype, verification_status: a.verification_status,
      }));
      const first = success.accounts && success.accounts[0];
      toApp("connected", { ...common, public_token: finished.public_token, account_id: first && first.id, account_name: first && first.name, accounts: JSON.stringify(accounts) });
      return;
    }
    const error = finished.error || {};
    toApp("exit", {
      ...common, status: from.status, request_id: from.request_id, error_type: error.error_type, error_code: error.error_code,
      error_message: error.error_message, display_message: error.display_message,
    });
  };

  const finish = (finished) => {
    if (done || !finished) return;
    done = true;
    shown = true;
    flush();
    tell({ type: "finish", finished });
    if (boot.webview) appEnd(finished);
    else if (!inFrame && finished.completion_uri && !/^\s*(javascript|data|blob|vbscript):/i.test(finished.completion_uri)) location.assign(finished.completion_uri);
  };

  const navigate = (url) => {
    if (!/^https?:\/\//i.test(url)) return;
    if (inFrame) tell({ type: "navigate", url });
    else location.assign(url);
  };

  // ---- Asking the server.

  const waiting = (from, on) => {
    busy = on;
    if (pane()) pane().setAttribute("aria-busy", String(on));
    if (!from) return;
    from.classList.toggle("busy", on);
    from.setAttribute("aria-disabled", String(on));
  };

  const post = (body, onProgress) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/link/v2/act");
    request.setRequestHeader("Weft-Link-Session", boot.key);
    if (typeof body === "string") request.setRequestHeader("Content-Type", "application/json");
    request.timeout = onProgress ? 0 : answerWithin;
    if (onProgress) request.upload.onprogress = (e) => { if (e.lengthComputable) onProgress(Math.round((e.loaded / e.total) * 100)); };
    request.onerror = request.ontimeout = request.onabort = () => reject(new Error("network"));
    request.onload = () => {
      if (request.status >= 500 || request.status === 429) { reject(new Error("failed")); return; }
      try { resolve(JSON.parse(request.responseText)); } catch { reject(new Error("failed")); }
    };
    request.send(body);
  });

  const described = (name, values) => JSON.stringify({ name, step, values: values || {} });

  // note takes from an answer what must not be lost, also where its pane comes too late.
  const note = (answer) => {
    events.push(...(answer.events || []));
    if (shown) flush();
    if (!answer.offline) step = answer.step;
    if (answer.finished) {
      end = answer.finished;
      if (!answer.offline) finish(end);
    }
    offline = offline || Boolean(answer.offline);
  };

  // act does what a person has asked for: one thing at a time, and with a way to try again.
  const act = async (name, { values, from, body, onProgress, direction } = {}) => {
    if (busy) {
      if (name === "exit") exitWanted = true; // once what was begun has ended
      return;
    }
    if (offline) { leave(); return; }
    clearNotices();
    waiting(from, true);
    let answer;
    try {
      answer = await post(body || described(name, values), onProgress);
    } catch (error) {
      waiting(from, false);
      notice(error.message, () => act(name, { values, from, body, onProgress, direction }));
      return;
    }
    waiting(from, false);
    note(answer);
    show(answer, direction);
    if (exitWanted && !busy && !["loading", "exit"].includes(named())) {
      exitWanted = false;
      act("exit");
    }
  };

  // aside tells the server something that changes nothing here.
  const aside = async (name) => {
    try { note(await post(described(name))); } catch { /* it is only told */ }
  };

  // gone tells the server that the page around has closed this one, which may be taken away before the answer is here.
  const gone = () => {
    fetch("/link/v2/act", {
      method: "POST", keepalive: true, headers: { "Content-Type": "application/json", "Weft-Link-Session": boot.key }, body: described("exit_force"),
    }).then((answer) => answer.json()).then(note).catch(() => { /* the session ends by itself */ });
  };

  const leave = () => {
    finish(end);
    if (!inFrame && !boot.webview) window.close();
  };

  // ---- Notices above the pane.

  let again = null;
  const clearNotices = () => { notices.replaceChildren(); again = null; };
  const notice = (name, retry) => {
    again = retry || null;
    notices.replaceChildren(document.getElementById(`notice-${name}`).content.cloneNode(true));
  };
  addEventListener("online", () => { if (again) { const retry = again; clearNotices(); retry(); } });

  // wrong says at the form what is wrong with it, before it is sent.
  const wrong = (name, field) => {
    const old = document.getElementById("problem");
    if (old) old.remove();
    const title = document.getElementById("pane-title");
    const lead = title.parentElement.querySelector(".lead");
    (lead || title).after(document.getElementById(`notice-${name}`).content.cloneNode(true));
    if (!field) return;
    field.setAttribute("aria-invalid", "true");
    const ids = new Set((field.getAttribute("aria-describedby") || "").split(" ").filter(Boolean)).add("problem");
    field.setAttribute("aria-describedby", [...ids].join(" "));
    field.focus();
  };

  // ---- Panes.

  const show = (answer, direction) => {
    if (answer.html === undefined || answer.html === "") return;
    if (root.classList.contains("embedded") && answer.pane !== "institutions") expand();
    const from = named();
    paneBox.replaceChildren(parse(answer.html));
    if (answer.title) document.title = answer.title;
    if (from !== answer.pane) pane().classList.add("enter");
    if (direction) pane().classList.add(direction);
    lastSeen = Date.now();
    begin(answer.oauth);
  };

  // begin is done with every pane once it can be seen: focus, and what it does by itself.
  const begin = (oauth) => {
    if (!shown || done) return;
    reachable();
    focus();
    polling += 1;
    if (pane().querySelector("[data-loading]")) carryOn();
    if (oauth && oauth.opened) {
      if (oauth.redirect) navigate(oauth.url);
      else poll();
    }
  };

  const focus = () => {
    const invalid = pane().querySelector('[aria-invalid="true"]');
    const first = pane().querySelector(".content input:required:not([type=radio], [type=checkbox], [type=file]), #search-input");
    const title = document.getElementById("pane-title");
    if (invalid) invalid.focus();
    else if (first && !touch && !root.classList.contains("embedded")) {
      first.focus();
      say(title.textContent);
    } else if (!root.classList.contains("embedded")) title.focus({ preventScroll: true });
  };

  // reachable lets a keyboard scroll what has nothing to stop at.
  const reachable = () => {
    for (const body of pane().querySelectorAll(".body")) {
      if (body.scrollHeight > body.clientHeight && !body.querySelector("a, button, input, summary")) {
        body.tabIndex = 0;
        body.setAttribute("role", "group");
        body.setAttribute("aria-labelledby", "pane-title");
      }
    }
  };

  // expand makes of a list inside the client's page the sheet over it.
  const expand = () => {
    root.classList.remove("embedded");
    tell({ type: "size", mode: "modal" });
  };

  let loadings = 0;
  const carryOn = async () => {
    const mine = pane();
    const slow = mine.querySelector("#slow span");
    setTimeout(() => { if (slow && mine.isConnected) slow.hidden = false; }, slowAfter);
    loadings += 1;
    if (loadings > 1) await after(400);
    if (mine.isConnected && !done) await act("continue");
    loadings = named() === "loading" ? loadings : 0;
  };

  // ---- The bank's own page, in a window or in the whole one's place.

  let bank = null;
  let polling = 0;

  const openBank = (form, button) => {
    if ("redirect" in form.dataset) { act("oauth_open", { from: button }); return; }
    if (bank && !bank.closed) bank.close();
    bank = window.open("about:blank", "_blank", touch ? "" : "popup,width=540,height=760");
    if (!bank) {
      document.getElementById("blocked").hidden = false;
      document.getElementById("oauth-link").focus();
      return;
    }
    bank.opener = null; // the bank's page has no business with this one
    bank.location.replace(form.dataset.oauth);
    watch(bank, Date.now());
    act("oauth_open", { from: button });
  };

  // watch sees when the bank's window is closed. A window that seems closed at once has cut its ties, as some banks' pages do:
  // then only the person knows.
  const watch = async (win, since) => {
    while (!win.closed) await after(500);
    if (win !== bank || Date.now() - since < severedWithin) return;
    bank = null;
    if (named() !== "oauth") return;
    polling += 1;
    const answer = await post(described("oauth_wait")).catch(() => null);
    if (answer) note(answer);
    if (answer && answer.pane !== "oauth") show(answer);
    else act("oauth_close");
  };

  const poll = async () => {
    const mine = polling;
    while (mine === polling && !done) {
      const answer = await post(described("oauth_wait")).catch(() => null);
      if (answer) note(answer);
      if (mine !== polling) return;
      if (answer && answer.pane !== "oauth") {
        if (bank && !bank.closed) bank.close();
        bank = null;
        show(answer);
        return;
      }
      await after(answer ? 1_000 : 3_000);
    }
  };

  // ---- Search while typing.

  let typed = 0;
  let asked = 0;
  const search = async (input, wait) => {
    typed += 1;
    const mine = typed;
    await after(wait);
    if (mine !== typed || !input.isConnected || busy || offline) return;
    asked = mine;
    let answer;
    try {
      answer = await post(described("search", { query: [input.value] }));
    } catch (error) {
      if (asked === mine) notice(error.message, () => search(input, 0));
      return;
    }
    note(answer);
    if (asked !== mine || !input.isConnected || busy) return;
    clearNotices();
    const fresh = parse(answer.html).querySelector("#results");
    if (answer.pane !== "institutions" || !fresh) { show(answer); return; }
    document.getElementById("results").replaceWith(fresh);
    say(fresh.querySelector("#results-count").textContent);
  };

  // step among the tiles with the arrow keys, from the search field on.
  const arrow = (event) => {
    const stops = [...pane().querySelectorAll("#search-input, .tile-name")];
    const at = stops.indexOf(document.activeElement);
    const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  };

  // ---- Files.

  const chosen = (input) => {
    const file = input.files[0];
    document.getElementById("file-name").textContent = file ? file.name : "";
    const problem = document.getElementById("problem");
    if (problem) problem.remove();
    input.removeAttribute("aria-invalid");
  };

  const upload = (form, button) => {
    const input = form.elements.file;
    const file = input.files[0];
    if (!file) { wrong("no_file", input); return; }
    if (file.size > mostBytes) { wrong("too_large", input); return; }
    const endings = input.accept.split(",").filter(Boolean);
    if (endings.length && !endings.some((e) => file.name.toLowerCase().endsWith(e.toLowerCase()))) { wrong("wrong_kind", input); return; }
    const body = new FormData();
    body.append("action", described("upload"));
    body.append("file", file, file.name);
    const bar = document.getElementById("upload-progress");
    bar.hidden = false;
    act("upload", { from: button, body, onProgress: (percent) => { bar.value = percent; } });
  };

  // ---- What a person does.

  const missing = (form) => {
    for (const input of form.elements) {
      if (!input.required) continue;
      if (input.type === "radio" || input.type === "checkbox") {
        if (!form.querySelector(`input[name="${CSS.escape(input.name)}"]:checked`)) return ["answer", input];
      } else if (input.type !== "file" && !input.value.trim()) return ["missing", input];
    }
    const accounts = form.querySelector('input[name="account"][type]:enabled');
    if (form.dataset.action === "choose" && accounts && !form.querySelector('input[name="account"]:checked')) return ["accounts", accounts];
    return null;
  };

  document.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("#aut-button");
    if (busy) return;
    if (form.dataset.action === "search") { search(form.elements.query, 0); return; }
    if (form.dataset.action === "oauth_open") { openBank(form, button); return; }
    if (form.dataset.action === "upload") { upload(form, button); return; }
    const lacking = missing(form);
    if (lacking) { wrong(...lacking); return; }
    const values = {};
    for (const [name, value] of new FormData(form)) (values[name] = values[name] || []).push(value);
    act(form.dataset.action, { values, from: button });
  });

  const reveal = (button) => {
    const input = document.getElementById(button.dataset.reveal);
    const open = input.type === "password";
    input.type = open ? "text" : "password";
    button.setAttribute("aria-pressed", String(open));
    button.setAttribute("aria-label", word(open ? "hide" : "show"));
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("button, a, summary");
    if (!target) return;
    const acts = target.type === "submit" || target.dataset.action;
    if (acts && event.detail > 1) { event.preventDefault(); return; } // a double click is meant once, not for the next pane too
    if (target.dataset.reveal) reveal(target);
    else if ("again" in target.dataset) { const retry = again; clearNotices(); if (retry) retry(); }
    else if ("stay" in target.dataset) { clearNotices(); lastSeen = Date.now(); focus(); }
    else if ("oauthLink" in target.dataset) { bank = null; act("oauth_open"); }
    else if (target.dataset.action) {
      if (offline) { leave(); return; }
      if (root.classList.contains("embedded")) expand();
      act(target.dataset.action, {
        from: target, values: target.name ? { [target.name]: [target.value] } : {}, direction: ["back", "exit_cancel"].includes(target.dataset.action) ? "back" : "",
      });
    }
  });

  document.addEventListener("toggle", (event) => {
    const what = event.target.dataset && event.target.dataset.opened;
    if (!what || !event.target.open) return;
    delete event.target.dataset.opened; // told once
    if (!offline) aside(what);
  }, true);

  document.addEventListener("input", (event) => {
    const input = event.target;
    if (!pane().contains(input)) return;
    if (input.type !== "file") input.removeAttribute("aria-invalid");
    if ("search" in input.dataset) search(input, searchAfter);
    if (input.type === "checkbox") together(input);
  });

  // together keeps the box of all accounts and the accounts' own in step.
  const together = (input) => {
    const all = pane().querySelector("[data-all]");
    if (!all) return;
    const boxes = [...pane().querySelectorAll(`input[name="${all.dataset.all}"]:enabled`)];
    if (input === all) boxes.forEach((box) => { box.checked = all.checked; });
    else all.checked = boxes.every((box) => box.checked);
    all.indeterminate = !all.checked && boxes.some((box) => box.checked);
  };

  document.addEventListener("change", (event) => { if (event.target.type === "file") chosen(event.target); });

  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const area = event.target.closest && event.target.closest("[data-drop]");
      if (name !== "dragleave") event.preventDefault(); // a file beside the area would replace the page
      const drop = pane().querySelector("[data-drop]");
      if (!drop) return;
      drop.classList.toggle("over", Boolean(area) && (name === "dragenter" || name === "dragover"));
      if (name === "drop" && area && event.dataTransfer.files.length) {
        const input = area.querySelector("input");
        input.files = event.dataTransfer.files;
        chosen(input);
      }
    });
  }

  const stops = () => [...dialog.querySelectorAll("a[href], button, input, summary, [tabindex='0']")]
    .filter((e) => !e.disabled && e.getClientRects().length > 0 && !e.closest("[hidden]"));

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || root.classList.contains("embedded")) return;
    if (event.key === "Escape") {
      event.preventDefault();
      const name = { exit: "exit_cancel", ended: "ended" }[named()] || "exit";
      act(name, { direction: name === "exit_cancel" ? "back" : "" });
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (named() === "institutions") arrow(event);
    } else if (event.key === "Tab" && inFrame) {
      const list = stops();
      const first = list[0];
      const last = list[list.length - 1];
      const at = document.activeElement;
      if (!first) return;
      if (event.shiftKey && (at === first || at === dialog || at === document.body || !list.includes(at) && !dialog.contains(at))) { event.preventDefault(); last.focus(); }
      else if (!event.shiftKey && (at === last || at === document.body)) { event.preventDefault(); first.focus(); }
    }
  });

  for (const name of ["keydown", "pointerdown", "input"]) {
    document.addEventListener(name, () => {
      lastSeen = Date.now();
      if (notices.querySelector('[data-notice="idle"]')) clearNotices();
    }, { passive: true });
  }

  // A page that was left alone ends, after it has asked.
  setInterval(() => {
    const most = Number(pane() && pane().dataset.idle);
    if (!most || !shown || done || offline || busy) return;
    const left = most - (Date.now() - lastSeen) / 1000;
    if (left <= 0) act("timeout");
    else if (left <= idleNotice && !notices.firstChild) notice("idle");
  }, 1000);

  // ---- The beginning.

  const appear = () => {
    if (shown && root.dataset.began) return;
    shown = true;
    root.dataset.began = "true";
    lastSeen = Date.now();
    flush();
    if (end && !offline) finish(end);
    begin(boot.oauth);
  };

  const told = (message) => {
    const said = message.data || {};
    if (said.type === "show") appear();
    else if (said.type === "exit" && said.force) {
      if (offline) finish(end);
      else if (!done) gone();
    } else if (said.type === "exit") act("exit");
  };

  events.push(...(boot.events || []));
  if (inFrame) {
    const anyone = boot.parent === "null"; // a page without an origin cannot be addressed; the nonce is its proof
    addEventListener("message", (event) => {
      const said = event.data;
      if (port || event.source !== window.parent || (!anyone && event.origin !== boot.parent)) return;
      if (!said || said.weft !== "link" || said.type !== "connect" || said.nonce !== boot.nonce || !event.ports[0]) return;
      port = event.ports[0];
      port.onmessage = told;
      tell({ type: "load" });
      untold.splice(0).forEach(tell);
      if (boot.embedded) appear();
    });
    window.parent.postMessage({ weft: "link", type: "ready", nonce: boot.nonce }, anyone ? "*" : boot.parent);
  } else {
    if (boot.address) history.replaceState(null, "", boot.address);
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
    appear();
  }
})();
