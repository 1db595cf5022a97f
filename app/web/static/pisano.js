// What a page does beyond answering links and forms. All of it works without.
document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
const { initAll } = await import(document.body.dataset.designSystem);
initAll();
