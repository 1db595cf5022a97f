// Keeps the screens of one meeting alike, and what is typed on them. All of it works without, by buttons and "Refresh".
const SOON = 1200, AGAIN = 3000; // milliseconds: after the last key until notes are kept; until a lost save is retried

const AS_PAGE = { accept: "text/html" };
const LOST = "No connection: what you see may be out of date.";

const meeting = () => document.getElementById("meeting");
const isOwn = () => location.pathname.startsWith("/meetings/"); // else it is filled in again after signing in anew
const here = () => (isOwn() ? location.href : document.getElementById("refresh").href);
const scribe = () => document.getElementById("scribe");
const read = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
let busy = false, clashes = false, leaving = false, waiting = "", saver = 0;

function say(where, text) {
  const place = document.getElementById(where);
  if (place && place.textContent !== text) place.textContent = text;
}

// What is typed

const controls = (root) => [...root.querySelectorAll("input:not([type=hidden]), textarea, select")];
const isNote = (control) => control.name.startsWith("note.");
const isOfView = (control) => control.name.startsWith("note.view.");

function kept(control) {
  if (control.type === "radio" || control.type === "checkbox") return control.defaultChecked;
  if (control.tagName !== "SELECT") return control.defaultValue;
  return ([...control.options].find((one) => one.defaultSelected) ?? control.options[0])?.value;
}
const typed = (control) => (control.type === "radio" || control.type === "checkbox" ? control.checked : control.value);
const isDirty = (control) => typed(control) !== kept(control);
const dirtyNotes = () => (scribe() ? controls(scribe()).filter((one) => isNote(one) && isDirty(one)) : []);

// What came anew

function replace(old, fresh) {
  const focused = document.activeElement?.id;
  const open = [...old.querySelectorAll("details[open]")].map((one) => one.id);
  const made = document.importNode(fresh, true);
  old.replaceWith(made);
  for (const one of made.querySelectorAll("details")) if (open.includes(one.id)) one.open = true;
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  ready();
}

function whole(fresh) {
  clashes = false;
  document.title = fresh.title;
  replace(meeting(), fresh.getElementById("meeting"));
}

function others(control, text) {
  const place = document.getElementById(`${control.id}-clash`);
  if (place) place.textContent = text && `Somebody else wrote: “${text}”. Write what is to stand, and save.`;
}

function mergeNotes(fresh) {
  for (const control of controls(scribe()).filter(isNote)) {
    const theirs = fresh.getElementById(control.id)?.defaultValue;
    if (theirs === undefined) continue;
    if (!isDirty(control)) control.value = control.defaultValue = theirs;
    else if (theirs === control.value) control.defaultValue = theirs;
    else if (theirs !== control.defaultValue) { clashes = true; others(control, theirs || "nothing"); continue; }
    others(control, "");
  }
}

function mergeParts(fresh) {
  for (const part of meeting().querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (next && part.innerHTML !== next.innerHTML) replace(part, next);
  }
}

// What somebody else wrote otherwise is shown, and from then on it is what the scribe has seen: they save it, or theirs.
function merge(fresh, { refused = false } = {}) {
  mergeParts(fresh);
  meeting().dataset.stamp = fresh.getElementById("meeting").dataset.stamp;
  if (refused) showRefusal(fresh);
  else mergeNotes(fresh);
  const version = fresh.querySelector("#scribe [name=version]");
  if (version) scribe().elements.namedItem("version").value = version.value;
  scribe().elements.namedItem("meeting_version").value = fresh.querySelector("#scribe [name=meeting_version]").value;
}

function showRefusal(fresh) {
  for (const control of controls(scribe()).filter(isNote)) {
    const place = document.getElementById(`${control.id}-clash`), next = fresh.getElementById(`${control.id}-clash`);
    const said = fresh.getElementById(control.id);
    if (place && next) place.innerHTML = next.innerHTML;
    clashes ||= Boolean(next?.textContent.trim());
    if (said && said.defaultValue === control.value && !next?.textContent.trim()) control.defaultValue = control.value;
  }
  showMistakes(fresh);
  meeting().querySelector(".nhsuk-error-summary")?.remove();
  const summary = fresh.querySelector("#meeting .nhsuk-error-summary");
  if (summary) meeting().prepend(document.importNode(summary, true));
}

function showMistakes(fresh) {
  for (const place of meeting().querySelectorAll("[id$='-wrong']")) {
    const next = fresh.getElementById(place.id), group = place.closest(".nhsuk-form-group");
    place.innerHTML = next?.innerHTML ?? "";
    group.classList.toggle("nhsuk-form-group--error", Boolean(next?.closest(".nhsuk-form-group--error")));
  }
}

function settle(fresh) {
  const ours = scribe()?.dataset.item, theirs = fresh.getElementById("scribe")?.dataset.item;
  if (clashes) mergeParts(fresh);
  else if (ours && ours === theirs) merge(fresh);
  else if (meeting().hasAttribute("data-stay") || controls(meeting()).some(isDirty))
    say("follow-state", "The meeting has moved on. Finish what you are typing, then refresh.");
  else whole(fresh);
}

// Sending

async function send(action, body) {
  const post = () => fetch(action, { method: "post", body, headers: AS_PAGE });
  const answer = await post();
  if (answer.status !== 401 && answer.status !== 403) return answer;
  const page = await read(await fetch(here(), { headers: AS_PAGE })); // signed in again elsewhere: the form's token is another now
  const token = page.querySelector("#meeting [name=csrf]")?.value;
  if (!token) return answer;
  body.set("csrf", token);
  return post();
}

function note(form, dirty, body = new URLSearchParams()) {
  const group = controls(form).filter(isOfView), view = dirty.some(isOfView) ? group : [];
  for (const one of controls(form).filter(isNote)) body.delete(one.name);
  for (const one of [...dirty.filter((each) => !isOfView(each)), ...view]) body.set(one.name, one.value);
  for (const name of ["csrf", "item", "version", "beside"]) {
    const hidden = form.elements.namedItem(name);
    if (hidden) body.set(name, hidden.value);
  }
  return body;
}

const isHalf = (group) => group.some((one) => one.value) && !group.every((one) => one.value);

async function save() {
  clearTimeout(saver);
  const form = scribe();
  if (!form || clashes) return !dirtyNotes().length;
  const half = isHalf(controls(form).filter(isOfView));
  const dirty = dirtyNotes().filter((one) => !(half && isOfView(one)));
  if (!dirty.length) return true;
  if (busy) { later(SOON); return false; }
  busy = true;
  say("save-state", "Saving");
  const sent = dirty.map((control) => [control, control.value]);
  try {
    const answer = await send(`${form.action}`, note(form, dirty)), fresh = await read(answer);
    if (!fresh.getElementById("scribe")) {
      say("save-state", "Not saved: you are signed out. What you typed stays here; sign in in another tab, then save.");
      return false;
    }
    if (answer.ok) for (const [control, value] of sent) control.defaultValue = value;
    merge(fresh, { refused: !answer.ok });
    say("save-state", answer.ok ? (half ? "Saved, but for the person's view: fill in all of it" : "Saved") : "Not saved: see what is marked");
    return answer.ok;
  } catch {
    say("save-state", "Not saved: no connection. What you typed stays here, and is sent again.");
    later(AGAIN);
    return false;
  } finally {
    done();
  }
}

function later(milliseconds) {
  clearTimeout(saver);
  saver = setTimeout(save, milliseconds);
}

function done() {
  busy = false;
  if (waiting && waiting !== meeting().dataset.stamp) refresh();
  waiting = "";
}

async function submit(form, action, body) {
  busy = true;
  say("follow-state", ""); // what is said of this is said anew, even in the same words
  try {
    const answer = await send(action, body), fresh = await read(answer);
    if (!fresh.getElementById("meeting")) {
      leaving = answer.ok; // to where they sign in: what was sent is kept there, and stands on this page again after
      if (leaving) location.assign(answer.url);
      else say("follow-state", "Not done: you are signed out, or may no longer do this. What you typed stays here.");
      return;
    }
    const same = form.id === "scribe" && fresh.getElementById("scribe")?.dataset.item === form.dataset.item;
    if (same && !answer.ok) merge(fresh, { refused: true });
    else whole(fresh);
    if (answer.redirected) history.replaceState(null, "", answer.url);
    if (answer.ok) say("follow-state", "Done");
    const summary = document.querySelector(".nhsuk-error-summary");
    if (summary) summary.focus();
    else if (document.activeElement === document.body) document.getElementById("maincontent").focus({ preventScroll: true });
  } catch {
    const text = "Not sent: no connection. What you typed stays here; press the button again.";
    say("follow-state", text);
    say("save-state", text);
  } finally {
    done();
  }
}

function wait(form, by) {
  say("follow-state", "One moment: the last change is still on its way");
  setTimeout(() => {
    if (by?.isConnected) form.requestSubmit(by);
    else say("follow-state", "The page has changed: look, and press the button again");
  }, 200);
}

document.addEventListener("submit", (event) => {
  const form = event.target, by = event.submitter;
  if (!meeting()?.contains(form)) return;
  event.preventDefault();
  clearTimeout(saver);
  if (busy) { wait(form, by); return; }
  const body = new URLSearchParams(new FormData(form, by));
  if (form.id === "scribe") note(form, dirtyNotes(), body);
  submit(form, by?.hasAttribute("formaction") ? by.formAction : form.action, body);
});

document.addEventListener("input", (event) => {
  if (event.target.form?.id === "scribe" && isNote(event.target)) later(SOON);
});

addEventListener("beforeunload", (event) => {
  if (dirtyNotes().length && !leaving) event.preventDefault();
});

// Following

async function refresh() {
  if (busy) return;
  busy = true;
  try {
    const fresh = await read(await fetch(here(), { headers: AS_PAGE }));
    say("follow-state", "");
    if (fresh.getElementById("meeting")) settle(fresh);
    else over();
  } catch {
    say("follow-state", LOST);
  } finally {
    done();
  }
}

function over() {
  if (controls(meeting()).some(isDirty)) say("follow-state", "You are signed out, or have no part in this meeting any more. What you typed stays here.");
  else location.reload();
}

function follow() {
  const source = new EventSource(meeting().dataset.follow);
  source.onmessage = (event) => {
    if (document.getElementById("follow-state")?.textContent === LOST) say("follow-state", "");
    if (event.data === meeting().dataset.stamp) return; // the echo of what was done here
    if (busy) waiting = event.data;
    else refresh();
  };
  source.addEventListener("over", () => { source.close(); over(); });
  source.onerror = () => say("follow-state", LOST);
}

// The clock, and moving lines of the agenda

function tick() {
  for (const clock of document.querySelectorAll("[role=timer]")) {
    clock.since ??= performance.now();
    const seconds = Number(clock.dataset.seconds) + Math.floor((performance.now() - clock.since) / 1000);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} of ${clock.dataset.minutes} minutes`;
    clock.classList.toggle("pisano-timer--over", seconds >= clock.dataset.minutes * 60);
  }
}

const lineOf = (event) => event.target.closest?.("[data-place]");
let dragged = null;

document.addEventListener("dragstart", (event) => {
  dragged = lineOf(event);
  if (dragged) event.dataTransfer.setDragImage(dragged, 0, 0);
});
document.addEventListener("dragover", (event) => {
  if (dragged && lineOf(event)) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const onto = lineOf(event), form = dragged?.querySelector("form");
  if (!onto || !form || onto === dragged || busy) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form));
  body.set("position", onto.dataset.place);
  submit(form, form.action, body);
});

function ready() {
  for (const handle of document.querySelectorAll("[data-place] > .pisano-agenda__time")) handle.draggable = true;
  tick();
}

function keepRefilled() {
  meeting().dataset.stay = "";
  for (const control of scribe() ? controls(scribe()).filter(isNote) : []) {
    const said = control.value;
    control.defaultValue = "";
    control.value = said;
  }
}

if (meeting()) {
  if (!isOwn()) keepRefilled();
  document.getElementById("maincontent").tabIndex = -1;
  ready();
  setInterval(tick, 1000);
  follow();
}
