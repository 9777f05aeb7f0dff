;;; agp-mode.el --- Major mode for AGP policies  -*- lexical-binding: t -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: languages
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Colours, comments and indentation for `.agp' files, and the language server of agpc for `eglot':
;;
;;     (require 'agp-mode)
;;     (add-hook 'agp-mode-hook #'eglot-ensure)
;;
;; `agpc' is that of the project's virtual environment (.venv, venv), if there is one, else the one on
;; the path.

;;; Code:

(defgroup agp nil "AGP policies." :group 'languages)

(defcustom agp-indent-offset 4
  "How far a line inside of brackets is indented."
  :type 'integer :safe #'integerp)

(defconst agp--words
  ;; python editors/generate: words
  '("action" "after" "age" "agent" "agents" "ago" "all" "allow" "and" "any" "api" "approval"
    "approved" "as" "asked" "asking" "assert" "at" "attribute" "audit" "because" "bind" "by" "call"
    "can" "challenge" "confirmation" "confirmed" "contact" "contains" "context" "controls" "count"
    "credential" "dataset" "delegate" "denied" "deny" "destroy" "did" "distinct" "done" "during"
    "each" "enum" "every" "except" "expect" "extend" "failed" "false" "for" "forbid" "from" "gave"
    "grant" "group" "has" "in" "intent" "isolate" "language" "last" "let" "level" "like" "links"
    "max" "meter" "no" "not" "null" "obligation" "oblige" "of" "on" "only" "or" "owner" "package"
    "per" "permit" "quoted" "read" "renew" "require" "resource" "revoke" "rule" "said" "send"
    "separate" "session" "set" "size" "some" "source" "step_up" "subset" "sum" "tag" "task" "terms"
    "test" "to" "tool" "tried" "true" "ttl" "under" "unless" "until" "use" "user" "valid" "when"
    "with" "within" "without" "write")
  ;; end of words
  "The words of the grammar.")

(defvar agp-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?. "_" table)
    table))

(defvar agp-font-lock-keywords
  `(("^\\s-*\\(?:agents?\\|intent\\|tool\\|api\\|dataset\\|level\\|enum\\|group\\|set\\|let\\|meter\\|source\\|extend\\|bind\\)\\s-+\\(\\_<[a-z_A-Z0-9]+\\)"
     1 font-lock-type-face)
    ("^\\s-*\\(?:grant\\|forbid\\|terms\\)\\s-+\\(\\_<[a-z_A-Z0-9]+\\)" 1 font-lock-function-name-face)
    ("\\_<action\\s-+\\([a-z_A-Z0-9]+\\)" 1 font-lock-function-name-face)
    ("\\_<\\([a-z_A-Z0-9]+\\)\\??\\s-*:" 1 font-lock-variable-name-face)
    (,(regexp-opt '("true" "false" "null") 'symbols) . font-lock-constant-face)
    (,(lambda (limit) (re-search-forward (regexp-opt agp--words 'symbols) limit t)) . font-lock-keyword-face)))

(defun agp-indent-line ()
  "Indent the line by the brackets around it."
  (interactive)
  (let* ((depth (save-excursion
                  (beginning-of-line)
                  (let ((brackets (car (syntax-ppss))))
                    (skip-chars-forward " \t")
                    (if (looking-at-p "[])}]") (1- brackets) brackets))))
         (column (* agp-indent-offset (max 0 depth)))
         (inside (> (current-column) (current-indentation))))
    (if (and (> (current-indentation) column) (looking-back "^\\s-+" (line-beginning-position)))
        nil
      (save-excursion (indent-line-to (max column (if inside (current-indentation) column)))))
    (when (< (current-column) (current-indentation)) (back-to-indentation))))

;;;###autoload
(define-derived-mode agp-mode prog-mode "AGP"
  "Major mode for policies in AGP."
  (setq-local comment-start "# "
              comment-start-skip "#+\\s-*"
              indent-tabs-mode nil
              tab-width agp-indent-offset
              indent-line-function #'agp-indent-line
              font-lock-defaults '(agp-font-lock-keywords)
              imenu-generic-expression
              '(("Rules" "^\\s-*\\(?:grant\\|forbid\\|terms\\)\\s-+\\(\\w+\\)" 1)
                ("Declarations" "^\\s-*\\(?:agents?\\|intent\\|tool\\|api\\|dataset\\|level\\|enum\\|meter\\)\\s-+\\(\\w+\\)" 1)
                ("Tests" "^\\s-*test\\s-+\"\\(.*?\\)\"" 1))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.agp\\'" . agp-mode))

(defun agp-program ()
  "The `agpc' of the project, else the one on the path."
  (let* ((names (if (eq system-type 'windows-nt)
                    '(".venv/Scripts/agpc.exe" "venv/Scripts/agpc.exe")
                  '(".venv/bin/agpc" "venv/bin/agpc")))
         (found (seq-some
                 (lambda (name)
                   (let ((root (locate-dominating-file default-directory name)))
                     (and root (expand-file-name name root))))
                 names)))
    (or found "agpc")))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               (cons 'agp-mode (lambda (&rest _) (list (agp-program) "lsp")))))

(provide 'agp-mode)
;;; agp-mode.el ends here
