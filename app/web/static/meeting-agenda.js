// Lines of the agenda are dragged by their times; each line's buttons do the same.
import { alone, isBusy } from "./meeting-page.js";
import { submit } from "./meeting-sending.js";

const lineOf = (event) => event.target.closest?.("[data-place]");
let dragged = null;

function letDrag() {
  for (const handle of document.querySelectorAll("[data-place] > .pisano-agenda__time")) handle.draggable = true;
}

function moveOnto(line) {
  const form = dragged.querySelector("form"), body = new URLSearchParams(new FormData(form));
  body.set("position", line.dataset.place);
  alone(() => submit(form, form.action, body));
}

export function dragLines() {
  document.addEventListener("dragstart", (event) => {
    dragged = lineOf(event);
    if (dragged) event.dataTransfer.setDragImage(dragged, 0, 0);
  });
  document.addEventListener("dragover", (event) => {
    if (dragged && lineOf(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const onto = lineOf(event);
    if (!onto || !dragged?.querySelector("form") || onto === dragged || isBusy()) return;
    event.preventDefault();
    moveOnto(onto);
  });
  document.addEventListener("meeting:changed", letDrag);
  letDrag();
}
