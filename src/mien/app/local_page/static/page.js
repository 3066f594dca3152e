// Focus follows where one goes: after the way past the navigation, the content has it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.skip");
  if (!link) return;
  event.preventDefault();
  document.getElementById("content")?.focus();
});
