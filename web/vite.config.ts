import { defineConfig } from "vitest/config";

const backend = process.env["MATINEE_BACKEND"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../src/matinee/apps/web_dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy allows no data: fonts
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800, // Shaka Player, loaded on the watch page only
    rolldownOptions: { input: { index: "index.html", console: "console.html" } },
  },
  server: {
    proxy: { "/api": backend, "/media": backend },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
