// Builds the islands and the styles into static/dist, where django-vite finds them by the manifest.
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/static/dist/",
  plugins: [tailwindcss()],
  publicDir: false,
  server: {
    host: "127.0.0.1",
    port: 5173,
    strictPort: true,
    cors: { origin: /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/ },
  },
  build: {
    outDir: "static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // Small files stay files: a data: address would need a wider content-security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        console: "frontend/console/main.tsx",
        connections: "frontend/connections/main.tsx",
        link: "frontend/link/main.tsx",
        pages: "frontend/pages/main.ts",
        theme: "frontend/theme.ts",
        styles: "frontend/styles.css",
      },
    },
  },
  test: {
    include: ["frontend/**/*.test.ts"],
    environment: "node",
  },
});
