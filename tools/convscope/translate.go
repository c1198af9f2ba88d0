// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/tools/jupyter"
	"convscope/tools/translation"
)

// newTranslateCommand makes "convscope translate": the lessons in another language, for those who translate them.
func newTranslateCommand() *cobra.Command {
	var done []string
	var texts string
	cmd := &cobra.Command{
		Use:   "translate LANGUAGE [LESSON...]",
		Short: "Bring translated lessons up to their English ones, and say what is left to translate",
		Long: "translate makes notebooks/LANGUAGE/, or brings the lessons there (or those named) up to the English " +
			"ones: the same cells in the\n" +
			"same order, the same code and outputs. Translated prose stays, new prose comes in English. Then it " +
			"lists the cells that are\n" +
			"not translated, or whose English text has changed since. When such a cell is right again, --done says " +
			"so:\n" +
			"it keeps in the cell which English text it renders. --texts takes translations from a file. Nothing is run.",
		Example: "  convscope translate ko\n  convscope translate ko 2-filters --done title,setup-text\n" +
			"  convscope translate ko 2-filters --done all\n" +
			"  convscope translate ko 2-filters --texts cells.json   # {\"title\": \"# ...\", ...}",
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeTranslate,
		RunE: func(cmd *cobra.Command, args []string) error {
			root, err := cloneRoot(".")
			if err != nil {
				return err
			}
			job, err := planTranslation(root, args[0], args[1:])
			if err != nil {
				return err
			}
			cells, err := job.readTexts(texts, cmd.Flags().Changed("done"))
			if err != nil {
				return err
			}
			for _, name := range job.names {
				if err := job.translate(cmd, name, cells, done); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringSliceVar(&done, "done", nil,
		"cells (or all) that now render the English text; with the lesson's name")
	cmd.Flags().StringVar(&texts, "texts", "",
		"JSON file with the translated texts of cells by their ids; for one lesson")
	return cmd
}

// translationJob is a language, and the files of the lessons to be translated.
type translationJob struct {
	lessons
	language string
	names    []string // of files
}

// planTranslation finds the English lessons that are named, or all.
func planTranslation(root, language string, names []string) (translationJob, error) {
	all, err := findLessons(root)
	if err != nil {
		return translationJob{}, err
	}
	job := translationJob{lessons: all, language: language}
	if !translation.IsLanguage(language) || language == originals {
		return job, usageError{fmt.Errorf("%q is no language to translate into: give its code, such as ko or pt-BR",
			language)}
	}
	for i := range names {
		names[i] = strings.TrimPrefix(names[i], language+"/")
	}
	paths, err := findNotebooks(root, names...)
	if err != nil {
		return job, err
	}
	for _, file := range paths {
		if !slices.Contains(all.paths[""], file) {
			return job, usageError{fmt.Errorf("%s is no English lesson: there is %s", short(file),
				strings.Join(all.names(""), ", "))}
		}
		job.names = append(job.names, filepath.Base(file))
	}
	return job, nil
}

// mostTexts is how large the file of texts may be, in bytes.
const mostTexts = 64 << 20

// readTexts reads the file of translated texts, if there is one.
func (job translationJob) readTexts(name string, done bool) (cells map[string]string, err error) {
	if (name != "" || done) && len(job.names) != 1 {
		return nil, usageError{errors.New("--done and --texts are about the cells of one lesson: name it")}
	}
	if name == "" {
		return nil, nil
	}
	f, err := file.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostTexts+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case len(text) > mostTexts:
		err = fmt.Errorf("it has more than %d MB", mostTexts>>20)
	default:
		err = file.JSON(text, &cells)
	}
	if err == nil && len(cells) == 0 {
		err = errors.New("it has no texts")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: not a JSON object of texts by the ids of cells: %w", name, err)
	}
	return cells, nil
}

// translate brings one lesson up to date and says what is left to do.
func (job translationJob) translate(cmd *cobra.Command, name string, cells map[string]string, done []string) error {
	original, err := jupyter.ReadNotebook(filepath.Join(job.dir, name))
	if err != nil {
		return err
	}
	translated, err := jupyter.ReadNotebook(filepath.Join(job.dir, job.language, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	title := path.Join(job.language, strings.TrimSuffix(name, ".ipynb"))
	if translated, err = followEnglish(job.lessons, job.language, name, translated); err != nil {
		return err
	}
	if err := translation.Fill(original, translated, cells); err != nil {
		return err
	}
	if err := translation.Fill(original, translated, finished(original, translated, done)); err != nil {
		return err
	}
	if err := writeTranslation(job.lessons, job.language, name, translated); err != nil {
		return err
	}
	open := translation.Open(original, translated)
	if len(open) == 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: all is translated\n", title)
	}
	for _, task := range open {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: cell %s: %s\n", title, task.ID, task.Why)
	}
	return nil
}

// finished are the texts of the cells that are said to be translated.
func finished(original, translated *jupyter.Notebook, done []string) map[string]string {
	texts := map[string]string{}
	for _, id := range done {
		texts[id] = "" // of a cell that is not there
	}
	for i, cell := range translated.Cells { // which are those of the English lesson
		all := slices.Equal(done, []string{"all"}) && cell.Kind == jupyter.Markdown
		if _, named := texts[cell.ID]; named || all && cell.Source != original.Cells[i].Source {
			texts[cell.ID] = cell.Source
		}
	}
	delete(texts, "all")
	return texts
}

// followEnglish is the translation of a lesson as the English one now asks for it. Translated prose whose cell is
// gone from the English lesson is an error, so that nobody's work is lost.
func followEnglish(all lessons, language, name string, translated *jupyter.Notebook) (*jupyter.Notebook, error) {
	original, err := jupyter.ReadNotebook(filepath.Join(all.dir, name))
	if err != nil {
		return nil, err
	}
	nb, removed := translation.Follow(original, translated, language)
	if len(removed) > 0 {
		return nil, fmt.Errorf("%s/%s: its cell %q (%s) is no more in the English lesson: put its text where it "+
			"belongs now and remove the cell", language, name, removed[0].ID, beginning(removed[0].Source))
	}
	nb.Normalize(nil)
	return nb, nil
}

// writeTranslation writes the translation of a lesson, with the folder of its language.
func writeTranslation(all lessons, language, name string, nb *jupyter.Notebook) error {
	folder := filepath.Join(all.dir, language)
	if err := file.Folder(folder); err != nil {
		return err
	}
	return nb.Write(filepath.Join(folder, name))
}

// beginning is how a text begins, to find it by.
func beginning(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if letters := []rune(line); len(letters) > 40 {
		line = string(letters[:40]) + "..."
	}
	return line
}

// completeTranslate offers the shell languages, then English lessons.
func completeTranslate(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	all, err := clonedLessons()
	switch {
	case err != nil:
		return nil, cobra.ShellCompDirectiveNoFileComp
	case len(given) == 0:
		return all.languages[1:], cobra.ShellCompDirectiveNoFileComp
	}
	return all.names(""), cobra.ShellCompDirectiveNoFileComp
}
