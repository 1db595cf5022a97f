// What a page does beyond answering links and forms. All of it works without.
document.body.className += " js-enabled nhsuk-frontend-supported";
