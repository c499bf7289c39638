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
