package telegram_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/telegram"
	"github.com/star-house/frontdoor/bot/telegram/telegramtest"
	"github.com/star-house/frontdoor/store/storetest"
)

// staffChat is the group in which staff are alerted.
const staffChat = -1001

// group is a group as Telegram shows it.
func group(id int64) map[string]any {
	return map[string]any{"id": id, "type": "supergroup", "title": "staff"}
}

// speaker is somebody in a group.
func speaker() map[string]any {
	return map[string]any{"id": 5, "is_bot": false, "first_name": "x"}
}

// among sends everything that a group can send, and returns the last update.
func among(server *telegramtest.Server, chat map[string]any) int64 {
	said := func(text string) map[string]any {
		return map[string]any{"message_id": 1, "date": 1, "from": speaker(), "chat": chat, "text": text}
	}
	server.Update("message", said("/start"))
	server.Update("message", said("i want to die"))
	server.Update("edited_message", said("help"))
	server.Update("callback_query", map[string]any{"id": "q", "from": speaker(), "chat_instance": "c", "data": "1.ABCD2345.3.0", "message": said("x")})
	return server.Update("my_chat_member", map[string]any{"chat": chat, "from": speaker(), "date": 1,
		"old_chat_member": map[string]any{"status": "left", "user": speaker()}, "new_chat_member": map[string]any{"status": "member", "user": speaker()}})
}

// TestStaffChat holds that alerts come as plain messages, that the bot stays in
// that chat, and that it reads nothing there; any other group it leaves.
func TestStaffChat(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	k := &taken{}
	a := adapter(t, server, telegram.Config{Staff: staffChat})
	receive(t, a, k.accept)
	const text = "Duty: K7QM-2PXD needs somebody now.\nhttps://chat.example.org/desk"
	if err := a.Staff().Alert(t.Context(), bot.Alert{Text: text}); err != nil {
		t.Fatal(err)
	}
	if got := server.Screen(staffChat); len(got) != 1 || got[0].Text != text || len(got[0].Keyboard) > 0 || len(got[0].Bold) > 0 {
		t.Errorf("in the staff chat: %+v", got)
	}
	if err := server.Confirmed(t.Context(), among(server, group(staffChat))); err != nil {
		t.Fatal(err)
	}
	if len(k.texts()) > 0 || server.Called("leaveChat") > 0 || server.Called("answerCallbackQuery") > 0 {
		t.Errorf("from the staff chat: taken %v, left %d times", k.texts(), server.Called("leaveChat"))
	}
	if err := server.Confirmed(t.Context(), among(server, group(-1002))); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "the other group is left", func(context.Context) error {
		if n := server.Called("leaveChat"); n != 5 {
			return fmt.Errorf("left %d times", n)
		}
		return nil
	})
	if first := string(server.Sent("leaveChat", "chat_id")); len(k.texts()) > 0 || first != "-1002" {
		t.Errorf("from another group: taken %v, left %s first", k.texts(), first)
	}
}

// TestStaffChatMoves holds that a staff chat that becomes a supergroup is neither
// lost nor left.
func TestStaffChatMoves(t *testing.T) {
	t.Parallel()
	for name, told := range map[string]map[string]any{
		"from the old": {"message_id": 1, "date": 1, "from": speaker(), "chat": group(staffChat), "migrate_to_chat_id": -2002},
		"from the new": {"message_id": 1, "date": 1, "from": speaker(), "chat": group(-2002), "migrate_from_chat_id": staffChat},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := telegramtest.Start(t)
			k := &taken{}
			a := adapter(t, server, telegram.Config{Staff: staffChat})
			receive(t, a, k.accept)
			if err := server.Confirmed(t.Context(), server.Update("message", told)); err != nil {
				t.Fatal(err)
			}
			if err := server.Confirmed(t.Context(), among(server, group(-2002))); err != nil {
				t.Fatal(err)
			}
			if len(k.texts()) > 0 || server.Called("leaveChat") > 0 {
				t.Errorf("taken %v, left %d times", k.texts(), server.Called("leaveChat"))
			}
			if err := a.Staff().Alert(t.Context(), bot.Alert{Text: "x"}); err != nil || len(server.Screen(-2002)) != 1 {
				t.Errorf("the alert went elsewhere: %v", err)
			}
		})
	}
}

// TestStaffChatMovedBefore holds that an alert finds the chat that moved before the
// program started.
func TestStaffChatMovedBefore(t *testing.T) {
	t.Parallel()
	var chats []string
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		chats = append(chats, r.FormValue("chat_id"))
		if r.FormValue("chat_id") == fmt.Sprint(staffChat) {
			rw.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(rw, `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-2002}}`)
			return
		}
		_ = json.NewEncoder(rw).Encode(map[string]any{"ok": true, "result": map[string]any{"message_id": 1, "date": 1, "chat": group(-2002)}})
	}))
	t.Cleanup(server.Close)
	a, err := telegram.New(telegram.Config{Token: telegramtest.Token, API: server.URL, Library: bot.NewLibrary(nil, bottest.Bundle(t)), Log: slog.New(slog.DiscardHandler), Staff: staffChat})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := a.Staff().Alert(t.Context(), bot.Alert{Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if want := fmt.Sprint([]int{staffChat, -2002, -2002}); fmt.Sprint(chats) != want {
		t.Errorf("sent to %v, want %s", chats, want)
	}
}

// TestStaffAlertRefused holds that a refusal is an error that repeats nothing.
func TestStaffAlertRefused(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	a := adapter(t, server, telegram.Config{Staff: staffChat})
	for _, fault := range []telegramtest.Fault{telegramtest.Flood, telegramtest.Broken, telegramtest.Blocked, telegramtest.Refused} {
		server.Fail("sendMessage", fault, 1)
		err := a.Staff().Alert(t.Context(), bot.Alert{Text: "canary"})
		if err == nil || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "token") {
			t.Errorf("%s: %v", fault, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Staff().Alert(ctx, bot.Alert{Text: "x"}); err == nil || errors.Is(err, context.Canceled) && strings.Contains(err.Error(), "/bot") {
		t.Errorf("%v", err)
	}
}

// TestSilence holds that it is known how long no poll was answered.
func TestSilence(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	var now atomic.Int64
	now.Store(time.Now().UnixNano())
	a := adapter(t, server, telegram.Config{Wait: time.Second, Clock: func() time.Time { return time.Unix(0, now.Load()) }})
	if a.Silence() != 0 {
		t.Error("silent before the first poll")
	}
	stop := receive(t, a, (&taken{}).accept)
	if err := server.Confirmed(t.Context(), server.Says(1, "x")); err != nil {
		t.Fatal(err)
	}
	stop()
	now.Add(int64(time.Hour))
	if a.Silence() != time.Hour {
		t.Errorf("silent for %s", a.Silence())
	}
}
