// The first document: it learns from the page around it, or from its own address, what Link is opened with, and posts that.
// The answer is the session's document, in this one's place.
(() => {
  "use strict";

  const touch = matchMedia("(hover: none) and (pointer: coarse)").matches;

  const post = (fields) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = "/link/v2/open";
    form.hidden = true;
    for (const [name, value] of Object.entries({ touch, ...fields })) {
      if (value === undefined || value === null || value === "") continue;
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = String(value);
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  };

  const query = new URLSearchParams(location.search);
  const hosted = /^\/link\/hosted\/([^/]+)$/.exec(location.pathname);
  if (hosted) {
    const back = query.has("oauth_state_id") ? location.href : "";
    post({ hosted_id: decodeURIComponent(hosted[1]), received_redirect_uri: back });
    return;
  }
  if (location.pathname.endsWith("/link.html")) {
    post({
      link_token: query.get("token"), received_redirect_uri: query.get("receivedRedirectUri"), webview: query.get("isWebview") === "true",
    });
    return;
  }
  if (window.parent === window) return;

  let opened = false;
  addEventListener("message", (event) => {
    const said = event.data;
    if (opened || event.source !== window.parent || !said || said.weft !== "link" || said.type !== "open") return;
    opened = true;
    const config = said.config || {};
    post({
      link_token: config.token, legacy: config.legacy && JSON.stringify(config.legacy), received_redirect_uri: config.receivedRedirectUri,
      embedded: config.embedded === true, origin: event.origin, nonce: said.nonce,
      ...(typeof config.touch === "boolean" ? { touch: config.touch } : {}),
    });
  });
  window.parent.postMessage({ weft: "link", type: "hello" }, "*");
})();
