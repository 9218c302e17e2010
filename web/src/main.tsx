import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/queries";
import { App } from "./app/App";
import { KeyAsking } from "./state/asking";
import { takeKeyFromAddress } from "./state/key";
import { SpeechProvider } from "./state/language";
import "./styles/tokens.css";
import "./styles/page.css";
import "./styles/controls.css";
import "./styles/header.css";
import "./styles/messages.css";
import "./styles/services.css";
import "./styles/ask.css";
import "./styles/probability.css";
import "./styles/evidence.css";
import "./styles/contributions.css";
import "./styles/answer.css";
import "./styles/card.css";
import "./styles/plots.css";
import "./styles/heat.css";
import "./styles/kinds.css";
import "./styles/events.css";
import "./styles/jobs.css";

takeKeyFromAddress();
const root = document.getElementById("root");
if (root === null) throw new Error("expected an element #root in index.html");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <SpeechProvider>
        <KeyAsking>
          <App />
        </KeyAsking>
      </SpeechProvider>
    </QueryClientProvider>
  </StrictMode>,
);
