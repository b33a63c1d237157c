document.getElementById("too-old").removeAttribute("hidden");
