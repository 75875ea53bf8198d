/** As many modules as this one has, of one line each (made by startup.ts). */
import "./stay.js";
import "../results/tmp/modules/all.js";
