// SPDX-License-Identifier: Apache-2.0
// libedit's variadic calls with the types that each of them takes (editline(3)).
#pragma once
#include <stdio.h>
#include <wchar.h>
#include <histedit.h>

/// A command of our own: what libedit calls with the key that was bound to it.
typedef unsigned char (*ceditline_command)(EditLine *, wint_t);

int ceditline_set_terminal(EditLine *editor, const char *terminal);
int ceditline_set_editor(EditLine *editor, const wchar_t *name);
/// "emacs" or "vi"; the text belongs to libedit.
const wchar_t *ceditline_editor(EditLine *editor);
int ceditline_handle_signals(EditLine *editor, int flag);
int ceditline_set_client(EditLine *editor, void *client);
void *ceditline_client(EditLine *editor);
int ceditline_set_reader(EditLine *editor, el_rfunc_t reader);
/// An empty prompt: ours is painted elsewhere.
int ceditline_hide_prompt(EditLine *editor);
/// Neither `name` nor `help` is copied: both must live as long as the editor.
int ceditline_add_command(EditLine *editor, const wchar_t *name, const wchar_t *help, ceditline_command command);
int ceditline_set_history(EditLine *editor, HistoryW *history);

int ceditline_history_set_size(HistoryW *history, int size);
/// Equal neighbours are kept once.
int ceditline_history_set_unique(HistoryW *history, int flag);
int ceditline_history_enter(HistoryW *history, const wchar_t *line);
/// Appends the newest entry to `file`. libedit writes one more than it is asked for, so it is asked for none.
int ceditline_history_save_newest(HistoryW *history, FILE *file);
