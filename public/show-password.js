// Lets people look at the password that they type. Without scripts it stays hidden.
for (const input of document.querySelectorAll('input[type=password][data-show]')) {
  const { show, hide } = input.dataset;
  const button = document.createElement('button');
  const look = (visible) => {
    input.type = visible ? 'text' : 'password';
    button.textContent = visible ? hide : show;
  };
  button.type = 'button';
  button.className = 'plain';
  button.setAttribute('aria-controls', input.id);
  look(false);
  button.addEventListener('click', () => look(input.type === 'password'));
  // What is sent is a password again, or browsers would offer it as a word that was typed before.
  input.form.addEventListener('submit', () => look(false));
  input.after(button);
}
