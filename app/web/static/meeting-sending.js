// Keeps notes soon after the last key, and sends forms without the page coming anew; nothing typed is lost on the way.
import { AS_PAGE, alone, here, isBusy, meeting, read, say, scribe } from "./meeting-page.js";
import { dirtyNotes, isNote, isOfView, notes } from "./meeting-typed.js";
import { hasClash, merge, whole } from "./meeting-fresh.js";

const SOON = 1200, AGAIN = 3000; // milliseconds: after the last key until notes are kept; until a lost save is retried
let leaving = false, saver = 0;

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
  const group = notes().filter(isOfView), view = dirty.some(isOfView) ? group : [];
  for (const one of notes()) body.delete(one.name);
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
  if (!form || hasClash()) return;
  const half = isHalf(notes().filter(isOfView));
  const dirty = dirtyNotes().filter((one) => !(half && isOfView(one)));
  if (!dirty.length) return;
  if (isBusy()) later(SOON);
  else await alone(() => keep(form, dirty, half));
}

async function keep(form, dirty, half) {
  say("save-state", "Saving");
  const sent = dirty.map((control) => [control, control.value]);
  try {
    const answer = await send(`${form.action}`, note(form, dirty)), fresh = await read(answer);
    if (!fresh.getElementById("scribe")) {
      say("save-state", "Not saved: you are signed out. What you typed stays here; sign in in another tab, then save.");
      return;
    }
    if (answer.ok) for (const [control, value] of sent) control.defaultValue = value;
    merge(fresh, { refused: !answer.ok });
    say("save-state", answer.ok ? (half ? "Saved, but for the person's view: fill in all of it" : "Saved") : "Not saved: see what is marked");
  } catch {
    say("save-state", "Not saved: no connection. What you typed stays here, and is sent again.");
    later(AGAIN);
  }
}

function later(milliseconds) {
  clearTimeout(saver);
  saver = setTimeout(save, milliseconds);
}

export async function submit(form, action, body) {
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
  }
}

function wait(form, by) {
  say("follow-state", "One moment: the last change is still on its way");
  setTimeout(() => {
    if (by?.isConnected) form.requestSubmit(by);
    else say("follow-state", "The page has changed: look, and press the button again");
  }, 200);
}

export function sendForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target, by = event.submitter;
    if (!meeting()?.contains(form)) return;
    event.preventDefault();
    clearTimeout(saver);
    if (isBusy()) { wait(form, by); return; }
    const body = new URLSearchParams(new FormData(form, by));
    if (form.id === "scribe") note(form, dirtyNotes(), body);
    alone(() => submit(form, by?.hasAttribute("formaction") ? by.formAction : form.action, body));
  });
  document.addEventListener("input", (event) => {
    if (event.target.form?.id === "scribe" && isNote(event.target)) later(SOON);
  });
  addEventListener("beforeunload", (event) => {
    if (dirtyNotes().length && !leaving) event.preventDefault();
  });
}
