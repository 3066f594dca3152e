// Focus follows where one goes: after the way past the navigation, the content has it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.skip");
  if (!link) return;
  event.preventDefault();
  document.getElementById("content")?.focus();
});
// Whoever goes to another view loses no connection; without this it is said for a moment that they did.
addEventListener("beforeunload", () => {
  document.documentElement.classList.add("leaving");
  setTimeout(() => document.documentElement.classList.remove("leaving"), 5000);
});
