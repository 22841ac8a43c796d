// SPDX-License-Identifier: Apache-2.0
#include "CEditLine.h"

int ceditline_set_terminal(EditLine *editor, const char *terminal) { return el_set(editor, EL_TERMINAL, terminal); }

int ceditline_set_editor(EditLine *editor, const wchar_t *name) { return el_wset(editor, EL_EDITOR, name); }

const wchar_t *ceditline_editor(EditLine *editor) {
    const wchar_t *name = L"";
    el_wget(editor, EL_EDITOR, &name);
    return name;
}

int ceditline_handle_signals(EditLine *editor, int flag) { return el_wset(editor, EL_SIGNAL, flag); }

int ceditline_set_client(EditLine *editor, void *client) { return el_wset(editor, EL_CLIENTDATA, client); }

void *ceditline_client(EditLine *editor) {
    void *client = NULL;
    el_wget(editor, EL_CLIENTDATA, &client);
    return client;
}

int ceditline_set_reader(EditLine *editor, el_rfunc_t reader) { return el_wset(editor, EL_GETCFN, reader); }

static wchar_t *no_prompt(EditLine *editor) {
    (void)editor;
    static wchar_t empty[] = L"";
    return empty;
}

int ceditline_hide_prompt(EditLine *editor) { return el_wset(editor, EL_PROMPT, no_prompt); }

int ceditline_add_command(EditLine *editor, const wchar_t *name, const wchar_t *help, ceditline_command command) {
    return el_wset(editor, EL_ADDFN, name, help, command);
}

int ceditline_set_history(EditLine *editor, HistoryW *history) { return el_wset(editor, EL_HIST, history_w, history); }

int ceditline_history_set_size(HistoryW *history, int size) {
    HistEventW event;
    return history_w(history, &event, H_SETSIZE, size);
}

int ceditline_history_set_unique(HistoryW *history, int flag) {
    HistEventW event;
    return history_w(history, &event, H_SETUNIQUE, flag);
}

int ceditline_history_enter(HistoryW *history, const wchar_t *line) {
    HistEventW event;
    return history_w(history, &event, H_ENTER, line);
}

int ceditline_history_save_newest(HistoryW *history, FILE *file) {
    HistEventW event;
    return history_w(history, &event, H_NSAVE_FP, (size_t)0, file);
}
