/* csv_read.c: data files, well-formed and not. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "harness.h"
#include "io/csv_read.h"

static char path[] = "/tmp/ouro-csv-XXXXXX";

/* Loads the bytes from a temporary file. */
static int load(const char *text, size_t len, ouro_csv *csv, ouro_error *e) {
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int fd = mkstemp(path);
    if (fd < 0) return OURO_EIO;
    ssize_t written = write(fd, text, len);
    (void)close(fd);
    int ret = written == (ssize_t)len ? ouro_csv_load(path, csv, e) : OURO_EIO;
    (void)unlink(path);
    return ret;
}

/* "file:rest" without the name of the temporary file. */
static const char *place(const ouro_error *e) {
    size_t n = strlen(path);
    return strncmp(e->where, path, n) == 0 ? e->where + n : e->where;
}

TEST(csv_cells) {
    ouro_csv csv;
    ouro_error e = {0};
    static const char text[] = "name,\"x, \"\"y\"\"\",z\r\n"
                               "\"two\nlines\",1, 2 \r\n"
                               ",\"\",\xC3\xA9\n"
                               "last,3,4";
    REQUIRE(load(text, sizeof text - 1, &csv, &e) == OURO_OK);
    CHECK_EQ(csv.columns, 3);
    CHECK_EQ(csv.rows, 3);
    CHECK_STR(csv.file, path);
    CHECK_STR(csv.names[0], "name");
    CHECK_STR(csv.names[1], "x, \"y\"");
    CHECK_STR(csv.names[2], "z");
    CHECK_STR(ouro_csv_cell(&csv, 0, 0), "two\nlines");
    CHECK_STR(ouro_csv_cell(&csv, 0, 1), "1");
    CHECK_STR(ouro_csv_cell(&csv, 0, 2), " 2 ");
    CHECK_STR(ouro_csv_cell(&csv, 1, 0), "");
    CHECK_STR(ouro_csv_cell(&csv, 1, 1), "");
    CHECK_STR(ouro_csv_cell(&csv, 1, 2), "\xC3\xA9");
    CHECK_STR(ouro_csv_cell(&csv, 2, 2), "4");
    CHECK_EQ(csv.lines[0], 2);
    CHECK_EQ(csv.lines[1], 4); /* the first row took two lines */
    CHECK_EQ(csv.lines[2], 5);
    ouro_csv_free(&csv);
    ouro_csv_free(&csv);
    ouro_csv_free(NULL);
}

/* More rows than one growth step, with and without a line break at the end. */
TEST(csv_many_rows) {
    enum { ROWS = 5000 };
    char *text = malloc(ROWS * 16);
    double *x = malloc(ROWS * sizeof *x);
    REQUIRE(text != NULL && x != NULL);
    for (int final = 0; final < 2; final++) {
        ouro_csv csv;
        ouro_error e = {0};
        size_t len = (size_t)sprintf(text, "a,b");
        for (int i = 0; i < ROWS; i++) len += (size_t)sprintf(text + len, "\n%d,%d", i, i % 7);
        len += final ? (size_t)sprintf(text + len, "\n") : 0;
        REQUIRE(load(text, len, &csv, &e) == OURO_OK);
        CHECK_EQ(csv.rows, ROWS);
        CHECK_EQ(ouro_csv_numbers(&csv, 0, x, &e), OURO_OK);
        double sum = 0;
        for (int i = 0; i < ROWS; i++) sum += x[i];
        CHECK_EQ(sum, ROWS * (ROWS - 1) / 2.0);
        CHECK_EQ(csv.lines[ROWS - 1], ROWS + 1);
        ouro_csv_free(&csv);
    }
    free(text);
    free(x);
}

typedef struct refusal {
    const char *text, *where, *what;
} refusal;

TEST(csv_refuses_files) {
    static const refusal cases[] = {
        {"", ":1", "the file is empty"},
        {"a,b\n", ":1", "no row of data"},
        {"a,b", ":1", "no row of data"},
        {"\na\n1\n", ":1", "an empty line"},
        {"a,b\n1,2\n\n3,4\n", ":3", "an empty line"},
        {"a\n1\n\r\n", ":3", "an empty line"},
        {"a,b\n1,2\n3\n", ":3", "1 cell where the header has 2: fill in the missing cells"},
        {"a,b\n\"1\n\",2\n3,4,5\n", ":4", "3 cells where the header has 2: put a cell that holds a comma in quotes"},
        {"a,b,a\n1,2,3\n", ":1", "two columns are named \"a\""},
        {"a,,c\n1,2,3\n", ":1", "column 2 has no name"},
        {"a, b\n1,2\n", ":1", "column 2: remove the spaces around the name \" b\""},
        {"a ,b\n1,2\n", ":1", "column 1: remove the spaces around the name \"a \""},
        {"1.5,-2e3\n1,2\n", ":1", "the first line holds only numbers"},
        {"a,b\n1,x\"y\"\n", ":2", "a quote inside an unquoted cell"},
        {"a,b\n1,\"x\"y\n", ":2", "text follows the closing quote"},
        {"a,b\n1,\"x\n2,3\n4,5\n", ":2", "never closed"},
        {"a,b\r1,2\r", ":1", "a carriage return without a line feed"},
        {"a,b\n1,2\r", ":2", "a carriage return without a line feed"},
        {"\xEF\xBB\xBF"
         "a\n1\n",
         ":1:1", "byte order mark"},
        {"\xFF\xFE"
         "a",
         ":1:1", "UTF-16"},
        {"a\n1\n\xE9t\xE9\n", ":3", "byte \\xE9 is not UTF-8"},
        {"a\n\xED\xA0\x80\n", ":2", "byte \\xED is not UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ouro_csv csv;
        ouro_error e = {0};
        CHECK_EQ(load(cases[i].text, strlen(cases[i].text), &csv, &e), OURO_ECONFIG);
        CHECK_STR(place(&e), cases[i].where);
        if (strstr(e.what, cases[i].what) == NULL) CHECK_STR(e.what, cases[i].what);
        CHECK(csv.text == NULL && csv.rows == 0);
        ouro_csv_free(&csv);
    }
}

TEST(csv_refuses_bytes_and_paths) {
    ouro_csv csv;
    ouro_error e = {0};
    CHECK_EQ(load("a\n1\n2\0"
                  "3\n",
                  9, &csv, &e),
             OURO_ECONFIG);
    CHECK_STR(place(&e), ":3");
    CHECK_STR(e.what, "a NUL byte: this is not a text file");
    e = (ouro_error){0};
    CHECK_EQ(ouro_csv_load("/tmp/ouro-there-is-no-such-file", &csv, &e), OURO_EIO);
    CHECK_STR(e.where, "/tmp/ouro-there-is-no-such-file");
    CHECK_STR(e.what, "cannot be opened: No such file or directory");
    ouro_csv_free(&csv);
    e = (ouro_error){0};
    CHECK_EQ(ouro_csv_load("/tmp", &csv, &e), OURO_EIO);
    CHECK_STR(e.what, "is a directory where a file was expected");
    ouro_csv_free(&csv);
}

TEST(csv_columns) {
    ouro_csv csv;
    ouro_error e = {0};
    size_t index = 99;
    static const char text[] = "eruptions,waiting\n3.6,79\n";
    REQUIRE(load(text, sizeof text - 1, &csv, &e) == OURO_OK);
    CHECK_EQ(ouro_csv_column(&csv, "waiting", &index, &e), OURO_OK);
    CHECK_EQ(index, 1);
    CHECK_EQ(ouro_csv_column(&csv, "eruptoins", &index, &e), OURO_ECONFIG);
    CHECK_STR(e.where, csv.file);
    CHECK_STR(e.what, "no column \"eruptoins\"; the columns are eruptions, waiting; did you mean \"eruptions\"?");
    e = (ouro_error){0};
    CHECK_EQ(ouro_csv_column(&csv, "Waiting", &index, &e), OURO_ECONFIG); /* case matters */
    e = (ouro_error){0};
    CHECK_EQ(ouro_csv_column(&csv, "magnitude", &index, &e), OURO_ECONFIG);
    CHECK_STR(e.what, "no column \"magnitude\"; the columns are eruptions, waiting");
    ouro_csv_free(&csv);
    e = (ouro_error){0};
    REQUIRE(load("x;y\n1;2\n", 8, &csv, &e) == OURO_OK);
    CHECK_EQ(ouro_csv_column(&csv, "depth", &index, &e), OURO_ECONFIG);
    CHECK_STR(e.what, "no column \"depth\"; the columns are x;y; separate columns by commas");
    ouro_csv_free(&csv);
}

/* A file with hundreds of long names: the list is cut, the message stays one whole line. */
TEST(csv_columns_many) {
    char text[16384];
    size_t len = 0, index;
    ouro_csv csv;
    ouro_error e = {0};
    for (int i = 0; i < 300; i++)
        len += (size_t)sprintf(text + len, "%sa-rather-long-column-name-%d", i > 0 ? "," : "", i);
    for (int i = 0; i < 300; i++) len += (size_t)sprintf(text + len, "%s%d", i > 0 ? "," : "\n", i);
    REQUIRE(load(text, len, &csv, &e) == OURO_OK);
    CHECK_EQ(ouro_csv_column(&csv, "a-rather-long-column-name-299", &index, &e), OURO_OK);
    CHECK_EQ(index, 299);
    CHECK_EQ(ouro_csv_column(&csv, "zzz", &index, &e), OURO_ECONFIG);
    CHECK(strstr(e.what, "... and 293 more") != NULL);
    CHECK(strlen(e.what) + 1 < sizeof e.what);
    ouro_csv_free(&csv);
}

TEST(csv_numbers) {
    ouro_csv csv;
    ouro_error e = {0};
    static const char text[] = "x\n3.6\n-0\n+1e3\n.5\n5.\n1E-2\n4.9e-324\n\"7\"\n0012\n1.7976931348623157e308\n";
    double x[10];
    REQUIRE(load(text, sizeof text - 1, &csv, &e) == OURO_OK);
    REQUIRE(csv.rows == 10);
    CHECK_EQ(ouro_csv_numbers(&csv, 0, x, &e), OURO_OK);
    static const double expected[] = {3.6, 0, 1000, 0.5, 5, 0.01, 0x1p-1074, 7, 12, 0x1.fffffffffffffp1023};
    for (size_t i = 0; i < 10; i++) CHECK_EQ(x[i], expected[i]);
    ouro_csv_free(&csv);
}

/* `where` is the cell, standing in line 3 under the column "depth". */
TEST(csv_refuses_numbers) {
    static const refusal cases[] = {
        {"\"\"", NULL, "the cell is empty: fill it in, or remove the row"},
        {"NA", NULL, "\"NA\" is not a finite number: fill it in, or remove the row"},
        {"nan", NULL, "\"nan\" is not a finite number: fill it in, or remove the row"},
        {"-Inf", NULL, "\"-Inf\" is not a finite number: fill it in, or remove the row"},
        {" 1", NULL, "\" 1\" has spaces around the number: remove them"},
        {"1 ", NULL, "\"1 \" has spaces around the number: remove them"},
        {"-0x1p3", NULL, "\"-0x1p3\" is hexadecimal: write it in decimal"},
        {"\"1,5\"", NULL, "\"1,5\" holds a comma: write a decimal point, and no separators between thousands"},
        {"1e", NULL, "\"1e\" is not a number: correct it, or remove the row"},
        {"1.2.3", NULL, "\"1.2.3\" is not a number: correct it, or remove the row"},
        {"--1", NULL, "\"--1\" is not a number: correct it, or remove the row"},
        {"ten", NULL, "\"ten\" is not a number: correct it, or remove the row"},
        {"1\x1B[2J", NULL, "\"1\\x1B[2J\" is not a number: correct it, or remove the row"},
        {"1e999", NULL, "\"1e999\" is beyond the range of a double (about 1.8e308): rescale the column"},
        {"-1e999", NULL, "\"-1e999\" is beyond the range of a double (about 1.8e308): rescale the column"},
        {"1e-999", NULL, "\"1e-999\" is too close to zero for a double (about 5e-324): rescale the column"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ouro_csv csv;
        ouro_error e = {0};
        char text[128];
        double x[3];
        int len = snprintf(text, sizeof text, "id,depth\n1,2\n2,%s\n3,4\n", cases[i].text);
        REQUIRE(load(text, (size_t)len, &csv, &e) == OURO_OK);
        CHECK_EQ(ouro_csv_numbers(&csv, 1, x, &e), OURO_ECONFIG);
        CHECK_STR(place(&e), ":3:depth");
        CHECK_STR(e.what, cases[i].what);
        ouro_csv_free(&csv);
    }
}

TEST(csv_counts) {
    ouro_csv csv;
    ouro_error e = {0};
    uint64_t n[5];
    static const char good[] = "n\n0\n345\n3.0\n4.\n9007199254740991\n";
    REQUIRE(load(good, sizeof good - 1, &csv, &e) == OURO_OK);
    CHECK_EQ(ouro_csv_counts(&csv, 0, n, &e), OURO_OK);
    static const uint64_t expected[] = {0, 345, 3, 4, 9007199254740991};
    for (size_t i = 0; i < 5; i++) CHECK_EQ(n[i], expected[i]);
    ouro_csv_free(&csv);
    static const refusal cases[] = {
        {"-1", NULL, "\"-1\" is not a whole number of at least 0: a count was expected"},
        {"2.5", NULL, "\"2.5\" is not a whole number of at least 0: a count was expected"},
        {"1.0001", NULL, "\"1.0001\" is not a whole number of at least 0: a count was expected"},
        {"9007199254740992", NULL, "\"9007199254740992\" is larger than 2^53 - 1: rescale the column"},
        {"99999999999999999999999", NULL, "\"99999999999999999999999\" is larger than 2^53 - 1: rescale the column"},
        {"NA", NULL, "\"NA\" is not a finite number: fill it in, or remove the row"},
        {"\"\"", NULL, "the cell is empty: fill it in, or remove the row"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64];
        e = (ouro_error){0};
        int len = snprintf(text, sizeof text, "n\n%s\n", cases[i].text);
        REQUIRE(load(text, (size_t)len, &csv, &e) == OURO_OK);
        CHECK_EQ(ouro_csv_counts(&csv, 0, n, &e), OURO_ECONFIG);
        CHECK_STR(place(&e), ":2:n");
        CHECK_STR(e.what, cases[i].what);
        ouro_csv_free(&csv);
    }
}
