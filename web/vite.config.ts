import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The build lands inside the Python package, which serves it; it is never committed.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/salus/console/static",
    emptyOutDir: true,
    target: "es2022",
    // The content security policy knows no `data:` scripts or styles: nothing is written into the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npm run dev` asks a Salus that runs beside it.
  server: { proxy: { "/api": "http://127.0.0.1:8080", "/v2": "http://127.0.0.1:8080" } },
  // The style sheets are read too: their colours are held to contrast and evenness.
  test: { environment: "node", include: ["src/**/*.test.ts"], css: true },
});
