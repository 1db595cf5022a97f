// Parts of the page made like those that came anew. What did not change stays the very node that it was, and with it
// whoever is there by keyboard; where theirs is gone they come to its like, or else to the part of the page it was in.
import { meeting } from "./meeting-page.js";

const FIELDS = "input:not([type=hidden]), select, textarea";
const STOPS = `a[href], button, summary, ${FIELDS}`;
const PLACES = `${STOPS}, [tabindex]`; // those too to which they came as theirs was gone
const PARTS = "[aria-labelledby], li[id], form[id]";
const SET_HERE = ["open", "tabindex", "draggable"]; // by whoever reads, and by scripts

// What a control is for: it is not the next person's, only because theirs came to stand in its place.
function purpose(stop) {
  const isField = stop.matches(FIELDS), told = isField ? ["id", "name"] : ["id", "name", "value", "href", "formaction"];
  const of = isField ? stop.form?.dataset.item : stop.textContent.trim();
  return JSON.stringify([stop.tagName, of, stop.form?.getAttribute("action"), ...told.map((name) => stop.getAttribute(name))]);
}
const likesOf = (its) => [...meeting().querySelectorAll(STOPS)].filter((each) => purpose(each) === its);

const isElement = (node) => node.nodeType === Node.ELEMENT_NODE;
const nameOf = (node) => (isElement(node) ? node.id || node.getAttribute("aria-labelledby") : null);
const isOfAnother = (one, other) => one.dataset?.item !== other.dataset?.item; // whose notes a form takes, though its fields look the same
const isAlike = (one, other) =>
  one.nodeName === other.nodeName && nameOf(one) === nameOf(other) && !isOfAnother(one, other) && !(isElement(one) && one.matches(STOPS) && purpose(one) !== purpose(other));

function renewAttributes(old, fresh) {
  for (const name of old.getAttributeNames()) if (!fresh.hasAttribute(name) && !SET_HERE.includes(name)) old.removeAttribute(name);
  for (const name of fresh.getAttributeNames()) {
    const now = fresh.getAttribute(name);
    if (old.getAttribute(name) !== now) old.setAttribute(name, now);
  }
}

function renewWithin(old, fresh) {
  const olds = [...old.childNodes], freshes = [...fresh.childNodes], least = Math.min(olds.length, freshes.length);
  let first = 0, last = 0;
  while (first < least && olds[first].isEqualNode(freshes[first])) first += 1;
  while (last < least - first && olds.at(-1 - last).isEqualNode(freshes.at(-1 - last))) last += 1;
  const gone = olds.slice(first, olds.length - last), come = freshes.slice(first, freshes.length - last);
  if (gone.length === come.length && gone.every((one, at) => isAlike(one, come[at]))) {
    gone.forEach((one, at) => renew(one, come[at]));
    return;
  }
  for (const one of gone) one.remove();
  for (const one of come) old.insertBefore(document.importNode(one, true), olds[olds.length - last] ?? null);
}

function renew(old, fresh) {
  if (isElement(old)) {
    renewWithin(old, fresh);
    renewAttributes(old, fresh);
  } else old.nodeValue = fresh.nodeValue;
}

function partsFrom(node) {
  const part = node?.closest(PARTS);
  return part ? [part, ...partsFrom(part.parentElement)] : [];
}

// Those of several alike are told apart by their order, where there are as many as before.
function placeOf(stop) {
  const its = purpose(stop), likes = likesOf(its), nth = likes.indexOf(stop);
  const parts = partsFrom(stop.matches(STOPS) ? stop.parentElement : stop);
  return () => {
    const now = likesOf(its), like = now.length === likes.length ? now[nth] : null;
    if (like && !like.disabled) return like;
    const part = parts.map((one) => (one.isConnected ? one : document.getElementById(one.id))).find(Boolean);
    return part ?? document.getElementById("maincontent");
  };
}

export function renewed(parts) {
  const stop = document.activeElement, isOurs = meeting().contains(stop) && stop.matches(PLACES);
  const place = isOurs ? placeOf(stop) : null;
  const open = [...meeting().querySelectorAll("details[open]")].map((one) => one.id);
  for (const [old, fresh] of parts) renew(old, fresh);
  for (const one of meeting().querySelectorAll("details")) if (open.includes(one.id)) one.open = true;
  if (isOurs && (!stop.isConnected || stop.disabled)) comeTo(place());
  document.dispatchEvent(new Event("meeting:changed"));
}

function comeTo(place) {
  if (!place.matches(PLACES)) place.tabIndex = -1;
  place.focus({ preventScroll: true });
}
