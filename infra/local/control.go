package local

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// controlPrefix cannot be a bucket: names of buckets have no underscore.
const controlPrefix = "/_local/"

func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	since, _ := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	name := r.URL.Query().Get("name")
	switch r.Method + " " + r.URL.Path {
	case "GET /_local/health":
		writeJSON(w, http.StatusOK, map[string]any{
			"status": "ok", "url": s.url, "apiUrl": s.apiURL, "upstream": s.emulator.URL, "outbox": s.OutboxDir(),
		})
	case "GET /_local/calls":
		writeJSON(w, http.StatusOK, s.calls.since(since))
	case "GET /_local/denied":
		writeJSON(w, http.StatusOK, denied(s.calls.since(since)))
	case "GET /_local/outbox":
		mails, err := s.Outbox()
		if err != nil {
			writeJSON(w, http.StatusInternalServerError, map[string]string{"message": err.Error()})
			return
		}
		writeJSON(w, http.StatusOK, mails)
	case "GET /_local/schedules":
		writeJSON(w, http.StatusOK, s.schedules.names())
	case "POST /_local/schedules/fire":
		if err := s.FireSchedule(name); err != nil {
			writeJSON(w, http.StatusNotFound, map[string]string{"message": err.Error()})
			return
		}
		writeJSON(w, http.StatusAccepted, map[string]string{"fired": name})
	case "POST /_local/functions/kill":
		writeJSON(w, http.StatusOK, map[string]int{"killed": s.KillFunctions(name)})
	case "GET /_local/functions/environment":
		environment, err := s.FunctionEnvironment(r.Context(), name)
		if err != nil {
			writeJSON(w, http.StatusNotFound, map[string]string{"message": err.Error()})
			return
		}
		writeJSON(w, http.StatusOK, environment)
	default:
		writeJSON(w, http.StatusNotFound, map[string]string{"message": "no such control endpoint"})
	}
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
