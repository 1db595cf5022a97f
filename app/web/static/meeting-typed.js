// What is typed on a page, beside what was kept when it came.
import { scribe } from "./meeting-page.js";

export const controls = (root) => [...root.querySelectorAll("input:not([type=hidden]), textarea, select")];
export const isNote = (control) => control.name.startsWith("note.");
export const isOfView = (control) => control.name.startsWith("note.view.");
export const notes = () => (scribe() ? controls(scribe()).filter(isNote) : []);

function kept(control) {
  if (control.type === "radio" || control.type === "checkbox") return control.defaultChecked;
  if (control.tagName !== "SELECT") return control.defaultValue;
  return ([...control.options].find((one) => one.defaultSelected) ?? control.options[0])?.value;
}
const typed = (control) => (control.type === "radio" || control.type === "checkbox" ? control.checked : control.value);

export const isDirty = (control) => typed(control) !== kept(control);
export const dirtyNotes = () => notes().filter(isDirty);

// After signing in anew the form was filled in with what had been typed: none of it is kept yet.
export function countAsTyped() {
  for (const control of notes()) {
    const said = control.value;
    control.defaultValue = "";
    control.value = said;
  }
}
