"use strict";

/* Who answers: the server that sent the page. On a page without one, another file of this name does it. */

const network = {
    async facts() {
        return (await checked(await fetch("model"))).json();
    },

    /* What is shown of a picture, which is PICTURE x PICTURE bytes of ink. */
    async answer(picture) {
        return (await checked(await fetch("answer", { method: "POST", body: picture }))).json();
    },
};

async function checked(response) {
    if (!response.ok) {
        throw new Error(`${response.status}: ${await response.text()}`);
    }
    return response;
}
