// A page that came anew: shown instead of the old one, or merged into it where somebody is typing.
import { meeting, say, scribe } from "./meeting-page.js";
import { renewed } from "./meeting-renewed.js";
import { controls, isDirty, notes } from "./meeting-typed.js";

let clashes = false;
export const hasClash = () => clashes;

export function whole(fresh) {
  clashes = false;
  document.title = fresh.title;
  renewed([[meeting(), fresh.getElementById("meeting")]]);
  for (const form of meeting().querySelectorAll("form")) form.reset(); // what was typed is kept, or stands in what came
}

export function settle(fresh) {
  const ours = scribe()?.dataset.item, theirs = fresh.getElementById("scribe")?.dataset.item;
  if (clashes) mergeParts(fresh);
  else if (ours && ours === theirs) merge(fresh);
  else if (meeting().hasAttribute("data-stay") || controls(meeting()).some(isDirty))
    say("follow-state", "The meeting has moved on. Finish what you are typing, then refresh.");
  else whole(fresh);
}

// What somebody else wrote otherwise is shown, and from then on it is what the scribe has seen: they save it, or theirs.
export function merge(fresh, { refused = false } = {}) {
  mergeParts(fresh);
  meeting().dataset.stamp = fresh.getElementById("meeting").dataset.stamp;
  if (refused) showRefusal(fresh);
  else mergeNotes(fresh);
  const version = fresh.querySelector("#scribe [name=version]");
  if (version) scribe().elements.namedItem("version").value = version.value;
  scribe().elements.namedItem("meeting_version").value = fresh.querySelector("#scribe [name=meeting_version]").value;
}

function mergeParts(fresh) {
  const parts = [...meeting().querySelectorAll("[data-live]")].map((part) => [part, fresh.getElementById(part.id)]);
  renewed(parts.filter(([, next]) => next));
}

function mergeNotes(fresh) {
  for (const control of notes()) {
    const theirs = fresh.getElementById(control.id)?.defaultValue;
    if (theirs === undefined) continue;
    if (!isDirty(control)) control.value = control.defaultValue = theirs;
    else if (theirs === control.value) control.defaultValue = theirs;
    else if (theirs !== control.defaultValue) { clashes = true; others(control, theirs || "nothing"); continue; }
    others(control, "");
  }
}

function others(control, text) {
  const place = document.getElementById(`${control.id}-clash`);
  if (place) place.textContent = text && `Somebody else wrote: “${text}”. Write what is to stand, and save.`;
}

function showRefusal(fresh) {
  for (const control of notes()) {
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
