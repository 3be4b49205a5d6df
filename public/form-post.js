// Sends the response form by itself; without scripts its button does the same.
document.getElementById('response')?.submit();
