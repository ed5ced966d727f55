// Sets window.Plaid: the keeper of the frame in which Link runs. For old webviews it is ES5, for browsers of 2017 and later.
(function () {
  'use strict';

  var PATH = '/link/v2/stable/link-initialize.js';
  var PLAID = 'https://cdn.plaid.com' + PATH;
  // Milliseconds after which a frame is given up that does not load, or does not answer when it is asked to leave.
  var LOAD_LIMIT = 30000;
  var EXIT_LIMIT = 10000;
  // The members of metadata, null where they say nothing.
  var MEMBERS = ('account_number_mask error_code error_message error_type exit_status institution_id institution_name ' +
    'institution_search_query is_update_mode link_session_id match_reason mfa_type request_id routing_number selection ' +
    'view_name').split(' ');
  // Kept off: a page's rules, and its colour scheme, which makes frames opaque.
  var INLINE = { all: 'initial', 'color-scheme': 'light', display: 'block', width: '100%', height: '100%' };
  var MODAL = { position: 'fixed', top: '0', left: '0', 'z-index': '2147483647' };

  if (window.Plaid && window.Plaid.weft) {
    console.warn('link-initialize.js was embedded more than once; the first stays');
    return;
  }

  // Where this script came from. As a module it does not know its own element.
  function findBase() {
    var own = document.currentScript;
    var all = document.getElementsByTagName('script');
    for (var i = all.length - 1; i >= 0 && !(own && own.src.indexOf(PATH) > 0); i--) {
      own = all[i].type === 'text/plain' ? null : all[i];
    }
    var end = own ? own.src.indexOf(PATH) : -1;
    if (end > 0) return own.src.slice(0, end);
    console.warn('link-initialize.js does not know its host');
    return location.origin;
  }

  var BASE = findBase();
  var ORIGIN = new URL(BASE).origin;
  var instances = 0;

  // By script alone, so that a page needs no style-src.
  function style(element, rules) {
    for (var name in rules) element.style.setProperty(name, rules[name], 'important');
  }

  // A callback that throws takes nothing along.
  function call(callback, a, b) {
    if (typeof callback !== 'function') return;
    try {
      callback(a, b);
    } catch (error) {
      setTimeout(function () { throw error; }, 0);
    }
  }

  // While any instance is open, the page does not scroll.
  var locks = 0;
  var overflow;

  function lock() {
    var body = document.body.style;
    if (locks++) return;
    overflow = [body.getPropertyValue('overflow'), body.getPropertyPriority('overflow')];
    body.setProperty('overflow', 'hidden', 'important');
  }

  function unlock() {
    var body = document.body.style;
    // What the page has set meanwhile stays.
    if (--locks || body.getPropertyValue('overflow') !== 'hidden') return;
    body.removeProperty('overflow');
    if (overflow[0]) body.setProperty('overflow', overflow[0], overflow[1]);
  }

  // What the frame is told: the token, or the data of the form without one.
  function settings(config, embedded) {
    var back = config.receivedRedirectUri;
    var s = {
      receivedRedirectUri: back ? String(back) : null,
      touch: window.matchMedia('(hover: none) and (pointer: coarse)').matches,
      embedded: embedded
    };
    if (config.token) s.token = String(config.token);
    else s.legacy = {};
    for (var name in s.legacy && config) {
      try {
        if (config[name] != null && typeof config[name] !== 'function') s.legacy[name] = JSON.parse(JSON.stringify(config[name]));
      } catch (error) {} // This is no data.
    }
    return s;
  }

  // A frame that is left by force lives on unseen for a moment, to tell the server.
  function retire(frame, port) {
    var done = function () {
      port.close();
      frame.remove();
    };
    frame.removeAttribute('id');
    style(frame, { display: 'none' });
    port.onmessage = function (e) { if (e.data.type === 'finish') done(); };
    port.postMessage({ type: 'exit', force: true });
    setTimeout(done, 1000);
  }

  // One instance, embedded into a container if there is one. When its session is over, open begins another.
  function start(config, container) {
    if (!config || !(config.token || 'key' in config)) {
      throw new Error('Missing Link parameter. Link requires a key or token to be provided.');
    }
    var number = ++instances;
    var back = config.receivedRedirectUri;
    var misled = !container && back && String(back).indexOf('oauth_state_id=') < 0;
    var frame, port, nonce, opener, timer;
    var last; // the last event's metadata
    var opened, loaded, destroyed; // loaded: onLoad was called
    var over; // the session has its terminal callback

    function load() {
      if (frame || destroyed) return;
      if (!document.body) return document.addEventListener('DOMContentLoaded', load);
      frame = document.createElement('iframe');
      frame.id = 'plaid-link-iframe-' + number;
      frame.title = 'Connect your account';
      frame.src = BASE + '/link/v2/frame';
      style(frame, INLINE);
      // Laid out: without a box, it may stay blank.
      if (!container) style(frame, MODAL), style(frame, { visibility: 'hidden' });
      window.addEventListener('message', hear);
      (container || document.body).appendChild(frame);
      if (opened) show();
    }

    // Heard are the host's documents in this frame, the second only if it knows what the first was told.
    function hear(e) {
      var said = e.data;
      if (e.source !== frame.contentWindow || e.origin !== ORIGIN || !said || said.weft !== 'link') return;
      if (said.type === 'hello') {
        nonce = window.crypto.getRandomValues(new Uint32Array(4)).join('-');
        send({ weft: 'link', type: 'open', nonce: nonce, config: settings(config, !!container) }, new MessageChannel());
      } else if (said.type === 'ready' && nonce && said.nonce === nonce) {
        connect();
      }
    }

    function send(message, channel) {
      frame.contentWindow.postMessage(message, ORIGIN, [channel.port2]);
    }

    function connect() {
      var channel = new MessageChannel();
      if (port) port.close();
      port = channel.port1;
      port.onmessage = obey;
      send({ weft: 'link', type: 'connect', nonce: nonce }, channel);
      calm();
      if (opened) frame.focus();
      if (opened || container) port.postMessage({ type: 'show' });
    }

    function calm() {
      clearTimeout(timer);
      timer = 0;
    }

    function obey(e) {
      var said = e.data || {};
      calm();
      if (said.type === 'load' && !loaded) {
        loaded = true;
        call(config.onLoad);
      } else if (said.type === 'event') {
        last = said.metadata || {};
        call(config.onEvent, said.name, last);
      } else if (said.type === 'size' && said.mode === 'modal' && container && !opened) {
        grow();
      } else if (said.type === 'finish') {
        finish(said.finished || {});
      } else if (said.type === 'navigate' && /^https?:\/\//i.test(said.url)) {
        location.assign(said.url);
      }
    }

    // The embedded frame becomes the modal where it stands: moved, it would load anew. In the top layer no ancestor holds it.
    function grow() {
      opened = true;
      if (frame.showPopover) {
        frame.setAttribute('popover', 'manual');
        frame.showPopover();
      }
      show();
    }

    function show() {
      opener = document.activeElement;
      lock();
      document.addEventListener('keydown', escape);
      style(frame, MODAL);
      style(frame, { visibility: 'visible' });
      if (port) {
        frame.focus();
        if (!container) port.postMessage({ type: 'show' });
      } else timer = setTimeout(leave, LOAD_LIMIT, 'API_ERROR', 'INTERNAL_SERVER_ERROR', 'Link could not be loaded');
    }

    // Until the frame has the focus, nobody else hears the key.
    function escape(e) {
      if (e.key === 'Escape' && !port) leave();
    }

    // Takes Link off the page. The opener gets the focus back, unless the page has moved it.
    function close(byForce) {
      var focused = document.activeElement;
      calm();
      window.removeEventListener('message', hear);
      document.removeEventListener('keydown', escape);
      if (port && byForce) retire(frame, port);
      else {
        if (port) port.close();
        if (frame) frame.remove();
      }
      if (opened && frame) {
        unlock();
        if (opener && opener !== frame && (focused === frame || focused === document.body)) opener.focus({ preventScroll: true });
      }
      opened = false;
      frame = port = nonce = opener = null;
    }

    function finish(finished) {
      over = true;
      close();
      if (finished.success) return call(config.onSuccess, finished.public_token || '', finished.success);
      call(config.onExit, finished.error || null, finished.exit || exitMetadata());
      again();
    }

    // The end without the frame, with an error if there is a message.
    function leave(type, code, message) {
      if (over || destroyed) return;
      var error = message ? { error_type: type, error_code: code, error_message: message, display_message: null } : null;
      var metadata = exitMetadata();
      var of = last;
      over = true;
      close(true);
      setTimeout(function () {
        if (of) emit('EXIT', of);
        call(config.onExit, error, metadata);
        again();
      }, 0);
    }

    // What is embedded offers its institutions again.
    function again() {
      if (!container || destroyed) return;
      over = false;
      last = null;
      load();
    }

    function exitMetadata() {
      var m = last || {};
      return {
        institution: m.institution_id ? { name: m.institution_name, institution_id: m.institution_id } : null,
        status: null,
        link_session_id: m.link_session_id || '',
        request_id: m.request_id || ''
      };
    }

    // An event of the loader's own, in the session of another.
    function emit(name, of) {
      var metadata = { timestamp: new Date().toISOString() };
      MEMBERS.forEach(function (m) {
        metadata[m] = (/_id$|n_name$/.test(m) && of && of[m]) || null;
      });
      call(config.onEvent, name, metadata);
    }

    function open() {
      if (opened || destroyed) return;
      over = false;
      last = null;
      if (misled) {
        return leave('INVALID_REQUEST', 'INVALID_FIELD', 'oauth uri does not contain a valid oauth_state_id query parameter');
      }
      opened = true;
      if (frame) show();
      else load();
    }

    function exit(options) {
      if (!opened || !port || (options && options.force)) leave();
      else {
        port.postMessage({ type: 'exit', force: false });
        timer = timer || setTimeout(leave, EXIT_LIMIT);
      }
    }

    // Layer is not offered.
    function submit(data) {
      setTimeout(function () {
        emit(data && data.date_of_birth ? 'LAYER_AUTOFILL_NOT_AVAILABLE' : 'LAYER_NOT_AVAILABLE', last);
      }, 0);
    }

    function destroy() {
      if (destroyed) return;
      destroyed = true;
      close(opened);
    }

    // react-plaid-link makes instances before there is a token.
    if ((config.token || config.key || container) && !misled) load();
    return { open: open, exit: exit, submit: submit, destroy: destroy };
  }

  Object.defineProperty(window, 'Plaid', {
    enumerable: true,
    value: {
      weft: BASE,
      create: function (config) { return start(config); },
      createEmbedded: function (config, container) { return { destroy: start(config, container).destroy }; }
    }
  });

  // react-plaid-link loads Plaid's script unless the page has an element for it: this one, which loads nothing.
  try {
    if (!document.querySelector('script[src="' + PLAID + '"]')) {
      var inert = document.createElement('script');
      inert.type = 'text/plain';
      inert.src = PLAID;
      (document.head || document.documentElement).appendChild(inert);
    }
  } catch (error) {} // A page of trusted types refuses the address.
})();
