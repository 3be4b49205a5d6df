// Says how strong a password is while it is typed. Without scripts the answer comes when the form is sent.
for (const box of document.querySelectorAll('[data-strength]')) {
  const input = document.getElementById(box.dataset.for);
  const meter = box.querySelector('meter');
  const words = box.querySelector('[role=status]');
  let timer;
  let asking;

  const say = (strength) => {
    meter.hidden = !strength;
    meter.value = strength ? strength.level : 0;
    words.textContent = strength ? strength.words : '';
  };
  const ask = async () => {
    if (input.value === '') return say(null);
    asking = new AbortController();
    const { signal } = asking;
    const csrf = input.form.elements.namedItem('csrf').value;
    const body = new URLSearchParams({ csrf, password: input.value.slice(0, 400) });
    try {
      const headers = { Accept: 'application/json' };
      const answer = await fetch(box.dataset.strength, { method: 'POST', body, headers, signal });
      const strength = answer.ok ? await answer.json() : null;
      if (!signal.aborted) say(strength);
    } catch {
      if (!signal.aborted) say(null);
    }
  };
  input.addEventListener('input', () => {
    clearTimeout(timer);
    asking?.abort();
    timer = setTimeout(ask, 400);
  });
}
