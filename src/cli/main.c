/* main.c - where the process begins; everything is in cli.c, which tests can link. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
