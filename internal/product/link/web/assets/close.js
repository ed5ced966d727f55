// The bank's answer is in: its window goes.
window.close();
