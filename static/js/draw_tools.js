// The tools of the drawing page, one line each: whatever a tool needs, it finds on the desk (see draw_page.js).

import { startCrosshair } from "gridmap/draw_crosshair";
import { startCut } from "gridmap/draw_cut";
import { startFaces } from "gridmap/draw_faces";
import { startLasso } from "gridmap/draw_lasso";
import { startParts } from "gridmap/draw_parts";

export const TOOLS = [startParts, startCut, startFaces, startLasso, startCrosshair];
