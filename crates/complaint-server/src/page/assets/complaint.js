// Counts the characters that are left, as the platforms count them.
(() => {
  const count = (field) => {
    const left = Number(field.dataset.limit) - [...field.value.trim()].length;
    const note = document.getElementById(field.getAttribute("aria-describedby"));
    note.textContent = (left < 0 ? field.dataset.over : field.dataset.left).replace("{n}", Math.abs(left));
    note.classList.toggle("over", left < 0);
  };
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-limit]")) count(event.target);
  });
})();

// Puts a template into the field, beside what is written there. Without it, the page is loaded with
// the template.
(() => {
  const put = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form.template")) return;
    event.preventDefault();
    const field = form.parentElement.querySelector("textarea");
    const text = form.elements.template.selectedOptions[0].dataset.text ?? "";
    // A template that nobody has changed gives way to another one.
    if (field.value === put.get(field)) field.value = "";
    field.setRangeText(text, field.selectionEnd, field.selectionEnd, "end");
    if (field.value === text) put.set(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
})();
